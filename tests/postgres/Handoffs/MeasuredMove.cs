using LeoPS.Statuses;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>An entry of the history of a handoff that is to be measured.</summary>
/// <param name="From">Null where the row was inserted.</param>
/// <param name="To">Null where it was deleted.</param>
internal sealed record MeasuredMove(HandoffStatus? From, HandoffStatus? To, DateTimeOffset At)
{
    public string Values(MeasuredRow row) =>
        $"('{row.Id}', '{row.SdId}', {Sql(From)}, {Sql(To)}, {MeasuredTime.At(At).Sql}, 'x', 'x', pg_current_xact_id())";

    private static string Sql(HandoffStatus? status) => status is { } known ? $"'{StatusNames<HandoffStatus>.ToColumn(known)}'" : "null";
}
