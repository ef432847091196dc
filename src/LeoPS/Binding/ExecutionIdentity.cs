using LeoPS.Changes;

namespace LeoPS.Binding;

/// <summary>Names one execution.</summary>
public sealed class ExecutionIdentity : RowIdentity<FlowExecution>
{
    internal ExecutionIdentity(Guid id, RowGuard? guard, FlowExecution? row, object? source, PipedRow? columns = null)
        : base(id, guard, row, source) => Columns = columns;

    internal ExecutionIdentity(LeoException error, object? source)
        : base(error, source)
    {
    }

    /// <summary>The row as it came, where it is none of our own objects: its columns may bring values to write.</summary>
    internal PipedRow? Columns { get; }
}
