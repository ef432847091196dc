using System.Globalization;
using LeoPS.Statuses;
using LeoPS.Text;

namespace LeoPS.Executions;

/// <summary>The columns of a run that a change writes beside its status. Null leaves a column as it is.</summary>
public sealed record RunValues
{
    /// <summary>cost_usd holds less than this.</summary>
    public const decimal MaxCostUsd = 1_000_000m;

    private const int CostDecimals = 4;

    /// <summary>Nothing beside the status.</summary>
    public static RunValues None { get; } = new();

    /// <summary>JSON text for input_state.</summary>
    public string? InputState { get; init; }

    /// <summary>JSON text for output_state.</summary>
    public string? OutputState { get; init; }

    /// <summary>token_count.</summary>
    public int? TokenCount { get; init; }

    /// <summary>cost_usd, US dollars; the column keeps four decimals.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>The three error columns.</summary>
    public RunError? Error { get; init; }

    /// <summary>board_meeting_id.</summary>
    public Guid? BoardMeetingId { get; init; }

    /// <summary>executed_by.</summary>
    public Guid? ExecutedBy { get; init; }

    /// <summary>execution_mode.</summary>
    public ExecutionMode? ExecutionMode { get; init; }

    /// <summary>JSON text for metadata.</summary>
    public string? Metadata { get; init; }

    /// <summary>JSON text of an object whose members are added to the metadata as it is then; where that is no object it stays. Not together with <see cref="Metadata"/>.</summary>
    public string? AddedMetadata { get; init; }

    /// <summary>venture_id, where the table has it.</summary>
    public Guid? VentureId { get; init; }

    /// <summary>prd_id, where the table has it.</summary>
    public Guid? PrdId { get; init; }

    /// <summary>sd_id, where the table has it.</summary>
    public string? SdId { get; init; }

    /// <summary>budget_limit, where the table has it.</summary>
    public int? BudgetLimit { get; init; }

    /// <summary>budget_consumed, where the table has it.</summary>
    public int? BudgetConsumed { get; init; }

    /// <summary>killed_by_budget, where the table has it.</summary>
    public bool? KilledByBudget { get; init; }

    /// <summary>The columns of governance that are written: a table may lack them.</summary>
    public IEnumerable<string> GovernanceColumns => new[]
    {
        VentureId is null ? null : Governance.VentureId,
        PrdId is null ? null : Governance.PrdId,
        SdId is null ? null : Governance.SdId,
        BudgetLimit is null ? null : Governance.BudgetLimit,
        BudgetConsumed is null ? null : Governance.BudgetConsumed,
        KilledByBudget is null ? null : Governance.KilledByBudget,
    }.OfType<string>();

    /// <summary>The numbers, ids and texts that are written, by column, as texts of which the server makes the column's own type.</summary>
    public IEnumerable<(string Column, string? Text)> Known => new (string Column, string? Text)[]
    {
        ("token_count", TokenCount?.ToString(CultureInfo.InvariantCulture)),
        ("cost_usd", CostUsd?.ToString(CultureInfo.InvariantCulture)),
        ("error_message", Error?.Message),
        ("error_type", Error?.Type),
        ("board_meeting_id", BoardMeetingId?.ToString()),
        ("executed_by", ExecutedBy?.ToString()),
        ("execution_mode", ExecutionMode is { } mode ? StatusNames<ExecutionMode>.ToColumn(mode) : null),
        (Governance.VentureId, VentureId?.ToString()),
        (Governance.PrdId, PrdId?.ToString()),
        (Governance.SdId, SdId),
        (Governance.BudgetLimit, BudgetLimit?.ToString(CultureInfo.InvariantCulture)),
        (Governance.BudgetConsumed, BudgetConsumed?.ToString(CultureInfo.InvariantCulture)),
    }.Where(v => v.Text is not null);

    /// <summary>The states that are written, by column, as JSON texts.</summary>
    public IEnumerable<(string Column, string? Json)> States =>
        new (string Column, string? Json)[] { ("input_state", InputState), ("output_state", OutputState) }.Where(s => s.Json is not null);

    /// <summary>True where a column is written.</summary>
    public bool Any => this != None;

    /// <summary>What the columns keep otherwise than given, for the user to know; null where nothing is.</summary>
    public string? Note
    {
        get
        {
            string? cost = CostUsd is { } given && given != 0 && Round(given) == 0
                ? string.Create(CultureInfo.InvariantCulture, $"cost_usd keeps {CostDecimals} decimals; {given} is stored as 0.")
                : null;
            return cost is null || Error?.Note is null ? cost ?? Error?.Note : $"{Error.Note} {cost}";
        }
    }

    /// <summary>Fails where a column cannot hold its value.</summary>
    /// <returns>These values.</returns>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public RunValues Check()
    {
        if (CostUsd is { } cost && (cost < 0 || Round(cost) >= MaxCostUsd))
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, string.Create(CultureInfo.InvariantCulture, $"A cost of {cost} US dollars was given; cost_usd holds 0 to 999999.9999."));
        }

        RequireNotNegative("token count", TokenCount);
        RequireNotNegative("budget limit", BudgetLimit);
        RequireNotNegative("budget consumed", BudgetConsumed);
        StoredText.RequireStorable("SdId", SdId);
        return this;
    }

    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    internal static void RequireNotNegative(string what, int? number)
    {
        if (number < 0)
        {
            throw new LeoException(
                LeoErrorId.ValueOutOfRange, string.Create(CultureInfo.InvariantCulture, $"A {what} of {number} was given; it is 0 to {int.MaxValue}."));
        }
    }

    private static decimal Round(decimal cost) => Math.Round(cost, CostDecimals, MidpointRounding.AwayFromZero);
}
