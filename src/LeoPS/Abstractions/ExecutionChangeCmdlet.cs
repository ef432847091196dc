using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Executions;

namespace LeoPS.Abstractions;

/// <summary>A cmdlet that changes many executions.</summary>
public abstract class ExecutionChangeCmdlet<TChange> : BulkChangeCmdlet<TChange, FlowExecution>
    where TChange : class, IRowChange<Guid>
{
    private protected const string InputSet = RunNames.InputSet;
    private protected const string IdSet = RunNames.IdSet;

    /// <inheritdoc/>
    private protected override string Noun => ExecutionTransitions.Table.Noun;

    /// <inheritdoc/>
    private protected override FlowExecution? LookUp(TChange change) => LookUp(change.Id);

    /// <summary>The row of an id as it is now; null where it is not visible.</summary>
    private protected FlowExecution? LookUp(Guid id) =>
        ReadOne(token => Database.Executions.ReadAsync(new ExecutionQuery { Filter = new ExecutionFilter { Ids = [id] } }, Context, token));

    /// <inheritdoc/>
    private protected override string Describe(FlowExecution row) => $"{row.ExecutionKey} execution {row.Id}";
}
