using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Access;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Json;

namespace LeoPS.Commands;

/// <summary>Set-FlowExecution: writes tokens, cost, budget and metadata of runs that go on, in bulk, and ends those that are over their budget.</summary>
[Cmdlet(VerbsCommon.Set, "FlowExecution", DefaultParameterSetName = InputSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(FlowExecution), typeof(ChangeSummary))]
public sealed class SetFlowExecutionCommand : NamedRunsCmdlet<ExecutionEdit>
{
    private JsonArgument _metadata = null!;

    /// <summary>Tokens used so far.</summary>
    [Parameter]
    [WholeNumberTransformation]
    public int? TokenCount { get; set; }

    /// <summary>Tokens to add to those used so far.</summary>
    [Parameter]
    [WholeNumberTransformation]
    public int? AddTokens { get; set; }

    /// <summary>Cost so far in US dollars; four decimals are kept.</summary>
    [Parameter]
    [NumberTransformation]
    public decimal? CostUsd { get; set; }

    /// <summary>US dollars to add to the cost so far.</summary>
    [Parameter]
    [NumberTransformation]
    public decimal? AddCostUsd { get; set; }

    /// <summary>Units of budget, such as tokens, consumed so far; needs the column budget_consumed.</summary>
    [Parameter]
    [WholeNumberTransformation]
    public int? BudgetConsumed { get; set; }

    /// <summary>Units to add to the budget consumed so far; needs the column budget_consumed.</summary>
    [Parameter]
    [WholeNumberTransformation]
    public int? AddBudget { get; set; }

    /// <summary>The units of budget that the run may consume; needs the column budget_limit.</summary>
    [Parameter]
    [WholeNumberTransformation]
    public int? BudgetLimit { get; set; }

    /// <summary>The metadata, all of it: a hashtable, JSON text of an object, or a script block that makes each row's own; null clears it.</summary>
    [Parameter]
    public object? Metadata { get; set; }

    /// <summary>Merges the keys of -Metadata into what the run has, instead of replacing it.</summary>
    [Parameter]
    public SwitchParameter Merge { get; set; }

    /// <summary>Edits runs that have ended, too. Skips no prompt and no guard.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _metadata = new JsonArgument("-Metadata", Metadata);
        RunUpdate shared = Guard(() =>
        {
            string? metadata = _metadata.Shared();
            RunUpdate update = Update(new RowColumns(null), metadata, IsBound(nameof(Metadata)) && !_metadata.IsPerRow && metadata is null);
            // Rows may bring what to change; ids and keys alone do not.
            return (!update.Any && (ParameterSetName == InputSet || IsBound(nameof(Metadata)))) ? update : update.Check();
        });
        base.BeginProcessing();
        Guard(() => RequireExecutionColumns(shared.GovernanceColumns));
        if (shared.Values.Note is { } note)
        {
            WriteWarning(note);
        }
    }

    /// <inheritdoc/>
    private protected override Task<BulkResult<FlowExecution>> ApplyAsync(IReadOnlyList<ExecutionEdit> changes, CancellationToken cancellationToken) =>
        Database.Executions.EditAsync(changes, Force, Options, Context, cancellationToken);

    /// <inheritdoc/>
    private protected override void Take(ExecutionIdentity identity)
    {
        RunUpdate update;
        try
        {
            var columns = new RowColumns(identity.Columns);
            bool bound = IsBound(nameof(Metadata));
            string? metadata = bound ? _metadata.For(identity.Source) : columns.Json(nameof(Metadata));
            update = Update(columns, metadata, bound && metadata is null).Check();
            RequireExecutionColumns(update.GovernanceColumns);
        }
        catch (LeoException refusal)
        {
            Reject(identity.Source, refusal);
            return;
        }

        var edit = new ExecutionEdit(identity.Id, identity.Guard, identity.Source, update);
        AddGuarded<ExecutionStatus>(edit, row => edit.Obstacle(row, Force), $"Set {string.Join(", ", update.Columns)}");
    }

    /// <inheritdoc/>
    private protected override PlannedWrite Planned(ExecutionEdit change) => PlannedWrite.Of(Noun, TableCommand.Update, [.. change.Update.Values.Known]);

    /// <summary>What is written: what the parameters say, or else the columns of the row itself.</summary>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    private RunUpdate Update(RowColumns columns, string? metadata, bool clears)
    {
        if (Merge && clears)
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, "Metadata is null, and -Merge adds to what is there: nothing was given to add. Without -Merge a null clears the column.");
        }

        // A parameter for a number replaces both columns of a row that are about it.
        return new RunUpdate
        {
            Values = new RunValues
            {
                TokenCount = TokenCount ?? (AddTokens is null ? columns.Integer(nameof(TokenCount)) : null),
                CostUsd = CostUsd ?? (AddCostUsd is null ? columns.Number(nameof(CostUsd)) : null),
                BudgetConsumed = BudgetConsumed ?? (AddBudget is null ? columns.Integer(nameof(BudgetConsumed)) : null),
                BudgetLimit = BudgetLimit ?? columns.Integer(nameof(BudgetLimit)),
                Metadata = Merge ? null : metadata,
                AddedMetadata = Merge ? metadata : null,
            },
            AddTokens = AddTokens ?? (TokenCount is null ? columns.Integer(nameof(AddTokens)) : null),
            AddCostUsd = AddCostUsd ?? (CostUsd is null ? columns.Number(nameof(AddCostUsd)) : null),
            AddBudget = AddBudget ?? (BudgetConsumed is null ? columns.Integer(nameof(AddBudget)) : null),
            ClearsMetadata = clears,
        };
    }
}
