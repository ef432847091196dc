using LeoPS.Access;
using LeoPS.Changes;
using LeoPS.Statuses;
using LeoPS.Text;

namespace LeoPS.Executions;

/// <summary>One new run of a flow. Its id is given here, so that a lost answer can be asked for again.</summary>
public sealed record RunStart : IRowChange<Guid>
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

    /// <summary>The other columns.</summary>
    public RunValues Values { get; init; } = RunValues.None;

    /// <summary>Status and times of a run that took place elsewhere and is recorded; null for a run that begins now.</summary>
    public RecordedState? State { get; init; }

    /// <summary>The run as it was, of one that is put back with its id; null for any other.</summary>
    public RestoredRun? Restored { get; init; }

    /// <summary>True where the run does not begin: one that has ended elsewhere is recorded, one that was deleted is put back.</summary>
    public bool IsPast => Restored is not null || State is { HasEnded: true };

    /// <summary>Further columns of the table.</summary>
    public AdditionalColumns AdditionalColumns { get; init; } = AdditionalColumns.None;

    /// <inheritdoc/>
    public object? Source { get; init; }

    /// <summary>There is no row yet.</summary>
    RowGuard? IRowChange.Guard => null;

    /// <summary>The flow as the user named it.</summary>
    public string FlowLabel => FlowKey ?? FlowId?.ToString() ?? "";

    /// <summary>The new run as a planned write.</summary>
    /// <param name="status">The status that a run has which begins now.</param>
    public PlannedWrite Plan(ExecutionStatus status) => Restored is { } restored ? restored.Plan(ExecutionKey) : PlannedWrite.Of(
        ExecutionTransitions.Table.Noun,
        TableCommand.Insert,
        [
            ("status", StatusNames<ExecutionStatus>.ToColumn(State?.Status ?? status)),
            .. ExecutionKey is null ? [] : new (string, string?)[] { ("execution_key", ExecutionKey) },
            .. Values.Known,
        ]).WithJson([.. Values.States, .. Values.Metadata is { } metadata ? new (string, string?)[] { ("metadata", metadata) } : []]) with
        {
            Additional = AdditionalColumns,
            AlsoGiven = [],
        };

    /// <summary>Fails where the key or the flow is not one that can be looked for.</summary>
    /// <returns>This start, with the flow key's backticks resolved.</returns>
    /// <exception cref="LeoException">InvalidIdentity for a flow key that is a pattern or empty; FlowNotFound for one that no column holds; ValueOutOfRange for an execution key that no column holds.</exception>
    public RunStart Check()
    {
        if (ExecutionKey is not null && (string.IsNullOrWhiteSpace(ExecutionKey) || ExecutionKey.Length > MaxKeyLength || !StoredText.IsStorable(ExecutionKey)))
        {
            throw new LeoException(
                LeoErrorId.ValueOutOfRange, $"The execution key has {ExecutionKey.Length} characters; it needs 1 to {MaxKeyLength}, not all blank, and neither NUL nor half of a character.");
        }

        // Beside an id a key is only a label, as it stands in its row.
        return FlowId is null ? this with { FlowKey = Named(FlowKey) } : this;
    }

    private static string Named(string? flowKey)
    {
        if (string.IsNullOrWhiteSpace(flowKey))
        {
            throw LeoErrors.InvalidFlow("An empty flow key");
        }

        if (Wildcard.IsPattern(flowKey))
        {
            throw LeoErrors.PatternForOne(
                "flow", flowKey, $"Give one key; to start or queue a run of each, pipe them: Get-Flow '{LeoErrors.Short(flowKey)}' | Start-FlowExecution, or | New-FlowExecution.");
        }

        return StoredText.IsStorable(flowKey)
            ? Wildcard.Unescape(flowKey)
            : throw LeoErrors.NoSuchName(LeoErrorId.FlowNotFound, "flow", flowKey);
    }
}
