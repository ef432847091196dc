using LeoPS.Postgres.Tables;
using Npgsql;

namespace LeoPS.Postgres.Handoffs;

/// <summary>Makes measures of the rows of <see cref="HandoffMeasureSql"/>.</summary>
internal sealed class HandoffMeasureReader(NpgsqlDataReader reader, IReadOnlyList<HandoffGroup> groupBy, MeasureBasis basis)
    : MeasureReader<HandoffMeasure>(reader, HandoffColumns.Definition.Noun)
{
    protected override HandoffMeasure Make()
    {
        TimeSpan?[] toSent = Spans("to_sent_percentiles", 2);
        TimeSpan?[] toAnswered = Spans("to_answered_percentiles", 2);
        return new HandoffMeasure
        {
            GroupBy = groupBy,
            Status = Name<HandoffStatus>("status", "handoff_status", "-Status"),
            SdId = Text("sd_id"),
            SdKey = Text("sd_key"),
            SessionId = Id("session_id"),
            Day = Time("day"),
            Week = Time("week"),
            Count = Count("handoffs"),
            Accepted = Count("accepted"),
            Rejections = Count("rejections"),
            PreparedToSentCount = Count("to_sent_count"),
            PreparedToSentMean = Span("to_sent_mean"),
            PreparedToSentP50 = toSent[0],
            PreparedToSentP95 = toSent[1],
            SentToAnsweredCount = Count("to_answered_count"),
            SentToAnsweredMean = Span("to_answered_mean"),
            SentToAnsweredP50 = toAnswered[0],
            SentToAnsweredP95 = toAnswered[1],
            AttemptsToAcceptance = Number("attempts"),
            HoursBlocked = Number("hours_blocked")!.Value,
            StillBlocked = Count("still_blocked"),
            Basis = basis,
        };
    }
}
