using LeoPS.Reading;

namespace LeoPS.Executions;

/// <summary>What one look of a wait brought.</summary>
/// <param name="Ended">Runs that have ended, in the order in which they were asked for.</param>
/// <param name="Unknown">Ids that no visible run has.</param>
/// <param name="Deleted">Runs that were there before and are gone, or hidden now.</param>
/// <param name="Overdue">Runs that still go on when the time is up; empty before that.</param>
public sealed record RunNews(IReadOnlyList<ReadItem<FlowExecution>> Ended, IReadOnlyList<Guid> Unknown, IReadOnlyList<Guid> Deleted, IReadOnlyList<Guid> Overdue)
{
    /// <summary>Nothing.</summary>
    public static RunNews None { get; } = new([], [], [], []);
}
