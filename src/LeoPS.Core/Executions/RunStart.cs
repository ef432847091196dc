using LeoPS.Changes;
using LeoPS.Text;

namespace LeoPS.Executions;

/// <summary>One new run of a flow. Its id is given here, so that a lost answer can be asked for again.</summary>
public sealed record RunStart : IRowChange
{
    /// <summary>The characters that execution_key holds.</summary>
    public const int MaxKeyLength = 100;

    /// <summary>id of the run.</summary>
    public Guid Id { get; init; } = Guid.NewGuid();

    /// <summary>The flow by its id; null where it is named by its key.</summary>
    public Guid? FlowId { get; init; }

    /// <summary>The flow by its key; null where it is named by its id.</summary>
    public string? FlowKey { get; init; }

    /// <summary>execution_key; null where one is to be made of the flow's key and the server's time.</summary>
    public string? ExecutionKey { get; init; }

    /// <summary>The other columns; token_count, cost_usd and the errors are of no use to a new run and not written.</summary>
    public RunValues Values { get; init; } = RunValues.None;

    /// <inheritdoc/>
    public object? Source { get; init; }

    /// <summary>There is no row yet.</summary>
    RowGuard? IRowChange.Guard => null;

    /// <summary>The flow as the user named it.</summary>
    public string FlowLabel => FlowKey ?? FlowId?.ToString() ?? "";

    /// <summary>Fails where the key or the flow is not one that can be looked for.</summary>
    /// <returns>This start, with the flow key's backticks resolved.</returns>
    /// <exception cref="LeoException">InvalidIdentity for a flow key that is empty, a pattern, or none that a column holds, ValueOutOfRange for an execution key that no column holds.</exception>
    public RunStart Check()
    {
        if (FlowId is null && string.IsNullOrWhiteSpace(FlowKey))
        {
            throw LeoErrors.InvalidIdentity("flow", "An empty flow key");
        }

        if (FlowKey is not null && Wildcard.IsPattern(FlowKey))
        {
            throw new LeoException(LeoErrorId.InvalidIdentity, $"'{FlowKey}' is a pattern, and one flow is to be started. Pipe the flows in: Get-Flow '{FlowKey}' | Start-FlowExecution.");
        }

        if (FlowKey is not null && !StorableText.Holds(FlowKey))
        {
            throw LeoErrors.InvalidIdentity("flow", "A key with a character that no column holds (NUL, or half of a surrogate pair)");
        }

        if (ExecutionKey is not null && (string.IsNullOrWhiteSpace(ExecutionKey) || ExecutionKey.Length > MaxKeyLength || !StorableText.Holds(ExecutionKey)))
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, $"The execution key has {ExecutionKey.Length} characters; it needs 1 to {MaxKeyLength}, not all blank, no NUL and no half of a surrogate pair.");
        }

        return FlowKey is null ? this : this with { FlowKey = Wildcard.Unescape(FlowKey) };
    }
}
