namespace LeoPS.Executions;

/// <summary>What is recorded of a run that took place elsewhere.</summary>
/// <param name="Status">status.</param>
/// <param name="StartedAt">started_at, UTC: when it began, or was queued; null for now, where it has not ended.</param>
/// <param name="CompletedAt">completed_at, UTC; null for a run that has not ended.</param>
public sealed record RecordedState(ExecutionStatus Status, DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt)
{
    /// <summary>True where the run has ended.</summary>
    public bool HasEnded => ExecutionTransitions.Table.IsTerminal(Status);

    /// <summary>What the columns keep otherwise than given, for the user to know; null where nothing is.</summary>
    public string? Note => CompletedAt - StartedAt > TimeSpan.FromMilliseconds(int.MaxValue)
        ? "The run took more than 24.8 days, which duration_ms cannot say: it was recorded with duration_ms left empty."
        : null;

    /// <summary>Fails where a run that ended lacks its beginning or its end, or these contradict each other.</summary>
    /// <returns>This state.</returns>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public RecordedState Check()
    {
        if (HasEnded && (StartedAt is null || CompletedAt is null))
        {
            throw new LeoException(
                LeoErrorId.ValueOutOfRange,
                $"A run that is {Status} has a beginning and an end, and {(StartedAt is null ? nameof(StartedAt) : nameof(CompletedAt))} was not given. Give both StartedAt and CompletedAt.");
        }

        if (!HasEnded && CompletedAt is not null)
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, $"CompletedAt was given for a run that is {Status} and has not ended. Leave it out, or give the status that the run ended with.");
        }

        return CompletedAt < StartedAt
            ? throw new LeoException(LeoErrorId.ValueOutOfRange, $"The run ends ({CompletedAt:O}) before it begins ({StartedAt:O}). Correct StartedAt or CompletedAt.")
            : this;
    }
}
