using System.Globalization;
using System.Text.Json;

namespace LeoPS.Executions;

/// <summary>What is written into a run that goes on, without moving it.</summary>
public sealed record RunUpdate
{
    /// <summary>error_type of a run that was ended because it consumed more than its limit.</summary>
    public const string OverBudgetType = "BudgetExceeded";

    /// <summary>Absolute values. Of them token_count, cost_usd, budget_consumed, budget_limit, metadata and added_metadata are written.</summary>
    public RunValues Values { get; init; } = RunValues.None;

    /// <summary>Added to token_count, where NULL counts as 0; null for nothing. Not together with an absolute value.</summary>
    public int? AddTokens { get; init; }

    /// <summary>US dollars that are added to cost_usd; null for nothing.</summary>
    public decimal? AddCostUsd { get; init; }

    /// <summary>Units that are added to budget_consumed; null for nothing.</summary>
    public int? AddBudget { get; init; }

    /// <summary>True where metadata becomes NULL, but for the owner of the run.</summary>
    public bool ClearsMetadata { get; init; }

    /// <summary>True where a column is written.</summary>
    public bool Any => Values.Any || !OnlyAdds || AddTokens is not null || AddCostUsd is not null || AddBudget is not null;

    /// <summary>True where numbers are added and nothing is replaced: whatever others write meanwhile, nothing is lost, so that no guard is needed.</summary>
    public bool OnlyAdds => !Values.Any && !ClearsMetadata;

    /// <summary>The columns of governance that are written: a table may lack them.</summary>
    public IEnumerable<string> GovernanceColumns => Values.GovernanceColumns.Concat(AddBudget is null ? [] : [Governance.BudgetConsumed]);

    /// <summary>What is written, for questions.</summary>
    public IEnumerable<string> Columns => new[]
    {
        Values.TokenCount is null && AddTokens is null ? null : "TokenCount",
        Values.CostUsd is null && AddCostUsd is null ? null : "CostUsd",
        Values.BudgetConsumed is null && AddBudget is null ? null : "BudgetConsumed",
        Values.BudgetLimit is null ? null : "BudgetLimit",
        Values.Metadata is null && Values.AddedMetadata is null && !ClearsMetadata ? null : "Metadata",
    }.OfType<string>();

    /// <summary>Fails where nothing is written, or a column cannot hold its value.</summary>
    /// <returns>This update.</returns>
    /// <exception cref="LeoException">ValueOutOfRange, InvalidJson.</exception>
    public RunUpdate Check()
    {
        if (!Any)
        {
            throw new LeoException(
                LeoErrorId.ValueOutOfRange,
                "Nothing to change was given. Name at least one of -TokenCount, -AddTokens, -CostUsd, -AddCostUsd, -BudgetConsumed, -AddBudget, -BudgetLimit and -Metadata, or pipe rows that have such columns.");
        }

        Values.Check();
        RunValues.RequireNotNegative("number of tokens to add", AddTokens);
        RunValues.RequireNotNegative("budget to add", AddBudget);
        RequireOne("TokenCount", Values.TokenCount is not null, "AddTokens", AddTokens is not null);
        RequireOne("CostUsd", Values.CostUsd is not null, "AddCostUsd", AddCostUsd is not null);
        RequireOne("BudgetConsumed", Values.BudgetConsumed is not null, "AddBudget", AddBudget is not null);
        if (AddCostUsd is { } cost && (cost < 0 || cost >= RunValues.MaxCostUsd))
        {
            throw new LeoException(
                LeoErrorId.ValueOutOfRange, string.Create(CultureInfo.InvariantCulture, $"A cost of {cost} US dollars to add was given; cost_usd holds 0 to 999999.9999."));
        }

        RequireObject(Values.Metadata ?? Values.AddedMetadata);
        return this;
    }

    private static void RequireOne(string absolute, bool hasAbsolute, string added, bool hasAdded)
    {
        if (hasAbsolute && hasAdded)
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, $"{absolute} replaces what the column holds and {added} adds to it. Give one of them.");
        }
    }

    /// <summary>The owner of a run stands in its metadata, so that they stay an object.</summary>
    private static void RequireObject(string? metadata)
    {
        if (metadata is not null)
        {
            using JsonDocument document = JsonDocument.Parse(metadata, new JsonDocumentOptions { MaxDepth = JsonValue.MaxDepth });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new LeoException(LeoErrorId.InvalidJson, "Metadata is no object, and the owner of a run is kept there. Give a hashtable, such as @{ ticket = 4711 }.");
            }
        }
    }
}
