using LeoPS.Changes;
using LeoPS.Executions;

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

    /// <summary>What a null of the pipe names.</summary>
    internal static ExecutionIdentity Nothing => new(LeoErrors.InvalidIdentity(ExecutionTransitions.Table.Noun, "An empty value"), null);

    /// <summary>The row as it came, where it is none of our own objects: its columns may bring values to write.</summary>
    internal PipedRow? Columns { get; }

    /// <summary>An execution named by its id alone.</summary>
    internal static ExecutionIdentity Of(Guid id) => new(id, null, null, id);
}
