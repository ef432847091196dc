using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Errors;
using LeoPS.Executions;
using LeoPS.Json;

namespace LeoPS.Commands;

/// <summary>Complete-FlowExecution: ends runs in bulk, with their output or their error, and returns the ended ones.</summary>
[Cmdlet(VerbsLifecycle.Complete, "FlowExecution", DefaultParameterSetName = InputSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(FlowExecution), typeof(ChangeSummary))]
public sealed class CompleteFlowExecutionCommand : RunEndCmdlet
{
    private JsonArgument _outputState = null!;
    private RunError? _error;

    /// <summary>The output: a hashtable, an object, JSON text, or a script block that makes each row's own.</summary>
    [Parameter]
    public object? OutputState { get; set; }

    /// <summary>Tokens used.</summary>
    [Parameter]
    [WholeNumberTransformation]
    public int? TokenCount { get; set; }

    /// <summary>Cost in US dollars; four decimals are kept.</summary>
    [Parameter]
    [NumberTransformation]
    public decimal? CostUsd { get; set; }

    /// <summary>How it ended; without it Failed where an error is given, or else Completed.</summary>
    [Parameter]
    [EndStatusTransformation]
    public ExecutionStatus? Status { get; set; }

    /// <summary>The error it failed of: fills the three error columns.</summary>
    [Parameter]
    [ErrorRecordTransformation]
    public ErrorRecord? ErrorRecord { get; set; }

    /// <summary>What went wrong.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? ErrorMessage { get; set; }

    /// <summary>The kind of error, such as the exception's type.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? ErrorType { get; set; }

    /// <summary>Where it went wrong.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? ErrorStack { get; set; }

    /// <summary>Allows a move off the path. Skips no prompt and no guard.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _error = RecordedError.Of(ErrorRecord, ErrorMessage, ErrorType, ErrorStack);
        ExecutionStatus target = Status ?? (_error is null ? ExecutionStatus.Completed : ExecutionStatus.Failed);
        EndMove = new StatusMove<ExecutionStatus>(ExecutionTransitions.Table, target, Force, null);
        _outputState = new JsonArgument("-OutputState", OutputState);
        RunValues shared = Guard(() => new RunValues
        {
            OutputState = _outputState.Shared(),
            TokenCount = TokenCount,
            CostUsd = CostUsd,
            Error = _error,
        }.Check());
        base.BeginProcessing();
        if (shared.Note is { } note)
        {
            WriteWarning(note);
        }
    }

    /// <inheritdoc/>
    private protected override void Take(ExecutionIdentity identity)
    {
        RunValues values;
        try
        {
            values = ValuesFor(identity);
        }
        catch (LeoException refusal)
        {
            Reject(identity.Source, refusal);
            return;
        }

        if (identity.Columns is not null && values.Note is { } note)
        {
            WriteWarning($"Execution {identity.Id}: {note}");
        }

        Take(new ExecutionChange(identity.Id, identity.Guard, identity.Row, identity.Source, values));
    }

    /// <summary>The values of the parameters, or else of the piped row itself.</summary>
    /// <exception cref="LeoException">InvalidJson, ValueOutOfRange.</exception>
    private RunValues ValuesFor(ExecutionIdentity identity)
    {
        var columns = new RowColumns(identity.Columns);
        return new RunValues
        {
            OutputState = IsBound(nameof(OutputState)) ? _outputState.For(identity.Source) : columns.Json(nameof(OutputState)),
            TokenCount = TokenCount ?? columns.Integer(nameof(TokenCount)),
            CostUsd = CostUsd ?? columns.Number(nameof(CostUsd)),
            // An error in a row of runs that end well is an old one.
            Error = _error ?? (EndMove.Target == ExecutionStatus.Completed ? null : columns.Error()),
        }.Check();
    }
}
