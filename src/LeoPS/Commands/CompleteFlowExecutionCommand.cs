using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Errors;
using LeoPS.Executions;
using LeoPS.Json;
using LeoPS.Reading;
using LeoPS.Text;

namespace LeoPS.Commands;

/// <summary>Complete-FlowExecution: ends runs in bulk, with their output or their error, and returns the ended ones.</summary>
[Cmdlet(VerbsLifecycle.Complete, "FlowExecution", DefaultParameterSetName = InputSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(FlowExecution), typeof(ChangeSummary))]
public sealed class CompleteFlowExecutionCommand : ExecutionChangeCmdlet<ExecutionChange>
{
    private const string KeySet = "ExecutionKey";
    private StatusMove<ExecutionStatus> _move = null!;
    private JsonArgument _outputState = null!;
    private RunError? _error;

    /// <summary>The executions to end: objects, ids, or rows with an Id.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    [ExecutionIdentityTransformation]
    public ExecutionIdentity[]? InputObject { get; set; }

    /// <summary>Ids of the executions to end.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [NoSecretTransformation]
    public Guid[] Id { get; set; } = [];

    /// <summary>Execution keys of the executions to end, without wildcards.</summary>
    [Parameter(Mandatory = true, ParameterSetName = KeySet)]
    public string[] ExecutionKey { get; set; } = [];

    /// <summary>The output: a hashtable, an object, JSON text, or a script block that makes each row's own.</summary>
    [Parameter]
    public object? OutputState { get; set; }

    /// <summary>Tokens used.</summary>
    [Parameter]
    [NoSecretTransformation]
    public int? TokenCount { get; set; }

    /// <summary>Cost in US dollars; four decimals are kept.</summary>
    [Parameter]
    [NoSecretTransformation]
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
        _move = new StatusMove<ExecutionStatus>(ExecutionTransitions.Table, target, Force, null);
        _outputState = new JsonArgument("-OutputState", OutputState);
        RunValues shared = Guard(() => new RunValues
        {
            OutputState = _outputState.IsPerRow ? null : _outputState.For(null),
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
    protected override void ProcessRecord()
    {
        if (ParameterSetName == InputSet)
        {
            // The binder hands a null straight through; it is a row like any other, and a wrong one.
            foreach (ExecutionIdentity identity in InputObject ?? [new ExecutionIdentity(LeoErrors.InvalidIdentity(Noun, "An empty value"), null)])
            {
                Take(identity);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        switch (ParameterSetName)
        {
            case IdSet:
                Array.ForEach(Id, id => Take(new ExecutionIdentity(id, null, null, id)));
                break;
            case KeySet:
                TakeKeys();
                break;
        }

        base.EndProcessing();
    }

    /// <inheritdoc/>
    private protected override Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> ApplyAsync(IReadOnlyList<ExecutionChange> batch, CancellationToken cancellationToken) =>
        Database.Executions.ChangeAsync(_move, batch, Context, cancellationToken);

    /// <inheritdoc/>
    private protected override Task<AtomicResult<FlowExecution>> ApplyAtomicallyAsync(IReadOnlyList<ExecutionChange> changes, CancellationToken cancellationToken) =>
        Database.Executions.ChangeAtomicallyAsync(_move, changes, BatchSize, Context, cancellationToken);

    private void Take(ExecutionIdentity identity)
    {
        if (identity.Error is { } error)
        {
            Reject(identity.Source, error);
            return;
        }

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

        Move(_move, new ExecutionChange(identity.Id, identity.Guard, identity.Row, identity.Source, values));
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
            Error = _error ?? (_move.Target == ExecutionStatus.Completed ? null : columns.Error()),
        }.Check();
    }

    /// <summary>Looks the ids of the keys up, all at once; then each key is taken in its place.</summary>
    private void TakeKeys()
    {
        Dictionary<string, Guid> ids = Await(FindAsync);
        foreach (string key in ExecutionKey)
        {
            if (Wildcard.IsPattern(key))
            {
                Reject(key, new LeoException(LeoErrorId.InvalidIdentity, $"'{key}' is a pattern, and ending runs takes whole keys. Pipe them in: Get-FlowExecution -ExecutionKey '{key}' | Complete-FlowExecution."));
            }
            else if (ids.TryGetValue(Wildcard.Unescape(key), out Guid id))
            {
                Take(new ExecutionIdentity(id, null, null, key));
            }
            else
            {
                Reject(key, LeoErrors.NotFound(Noun, key, Database.Server.Role));
            }
        }
    }

    private async Task<Dictionary<string, Guid>> FindAsync(CancellationToken cancellationToken)
    {
        var ids = new Dictionary<string, Guid>(StringComparer.Ordinal);
        var query = new ExecutionQuery { Filter = new ExecutionFilter { ExecutionKeys = [.. ExecutionKey.Where(k => !Wildcard.IsPattern(k) && StoredText.IsStorable(k))] } };
        await foreach (IReadOnlyList<ReadItem<FlowExecution>> chunk in Database.Executions.ReadAsync(query, Context, cancellationToken).ConfigureAwait(false))
        {
            foreach (ReadItem<FlowExecution> item in chunk)
            {
                ids[item.Row.ExecutionKey] = item.Row.Id;
            }
        }

        return ids;
    }
}
