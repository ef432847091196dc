using LeoPS.Changes;

namespace LeoPS.Binding;

/// <summary>Names a flow that is to run or whose runs are meant, or one execution.</summary>
public sealed class RunIdentity : RowIdentity<FlowExecution>
{
    /// <summary>An execution.</summary>
    internal RunIdentity(Guid id, RowGuard? guard, FlowExecution? row, object? source)
        : base(id, guard, row, source)
    {
    }

    /// <summary>A flow, by its id, its key, or both.</summary>
    internal RunIdentity(Guid? flowId, string? flowKey, object? source, PipedRow? columns)
        : base(Guid.Empty, null, null, source)
    {
        FlowId = flowId;
        FlowKey = flowKey;
        Columns = columns;
        IsFlow = true;
    }

    internal RunIdentity(LeoException error, object? source)
        : base(error, source)
    {
    }

    /// <summary>What a null of the pipe names.</summary>
    internal static RunIdentity Nothing => new(LeoErrors.InvalidFlow("An empty value"), null);

    /// <summary>True where it names a flow.</summary>
    public bool IsFlow { get; }

    /// <summary>The flow's id; null where its key names it, or it is an execution.</summary>
    public Guid? FlowId { get; }

    /// <summary>The flow's key; null where it is not known, or it is an execution.</summary>
    public string? FlowKey { get; }

    /// <summary>The row as it came, where it is none of our own objects: its columns may bring values to write.</summary>
    internal PipedRow? Columns { get; }

    /// <inheritdoc/>
    public override string ToString() => IsFlow ? FlowKey ?? FlowId.ToString()! : base.ToString();
}
