namespace LeoPS.Changes;

/// <summary>What stopping found of the batches that were on their way.</summary>
/// <param name="ChangedIds">Rows whose batch was committed before the cancellation reached it.</param>
/// <param name="UnknownIds">Rows whose batch gave no answer in time.</param>
public sealed record StoppedWork(IReadOnlyList<object> ChangedIds, IReadOnlyList<object> UnknownIds)
{
    /// <summary>Nothing was on its way.</summary>
    public static StoppedWork None { get; } = new([], []);
}
