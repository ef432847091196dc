using LeoPS.Flows;

namespace LeoPS.Binding;

/// <summary>Names one flow, by its id or by its key.</summary>
public sealed class FlowIdentity : RowIdentity<Flow>
{
    internal FlowIdentity(Guid id, FlowVersion known, Flow? row, object? source)
        : base(id, null, row, source) => Known = known;

    internal FlowIdentity(string flowKey, FlowVersion known, object? source)
        : base(Guid.Empty, null, null, source)
    {
        FlowKey = flowKey;
        Known = known;
    }

    internal FlowIdentity(LeoException error, object? source)
        : base(error, source)
    {
    }

    /// <summary>What a null of the pipe names.</summary>
    internal static FlowIdentity Nothing => new(LeoErrors.InvalidFlow("An empty value"), null);

    /// <summary>The key, literally; null where the id names the flow.</summary>
    public string? FlowKey { get; }

    /// <summary>What is known of the row's version.</summary>
    internal FlowVersion Known { get; }

    /// <inheritdoc/>
    public override string ToString() => FlowKey ?? base.ToString();

    /// <summary>A key as somebody typed it; one that can be none carries its error.</summary>
    internal static FlowIdentity OfTyped(string key, object? source)
    {
        try
        {
            return new FlowIdentity(FlowKeys.Single(key), default, source);
        }
        catch (LeoException refusal)
        {
            return new FlowIdentity(refusal, source);
        }
    }
}
