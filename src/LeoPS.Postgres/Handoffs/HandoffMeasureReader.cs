using LeoPS.Postgres.Tables;
using LeoPS.Statuses;
using Npgsql;

namespace LeoPS.Postgres.Handoffs;

/// <summary>Makes measures of the rows of <see cref="HandoffMeasureSql"/>.</summary>
internal static class HandoffMeasureReader
{
    public static async Task<IReadOnlyList<HandoffMeasure>> ReadAsync(
        NpgsqlDataReader reader, IReadOnlyList<HandoffGroup> groupBy, MeasureBasis basis, CancellationToken cancellationToken)
    {
        var measures = new List<HandoffMeasure>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            measures.Add(Read(reader, groupBy, basis));
        }

        return measures;
    }

    private static HandoffMeasure Read(NpgsqlDataReader reader, IReadOnlyList<HandoffGroup> groupBy, MeasureBasis basis)
    {
        int At(string column) => reader.GetOrdinal(column);
        string? Text(string column) => reader.IsDBNull(At(column)) ? null : reader.GetString(At(column));
        double? Number(string column) => reader.IsDBNull(At(column)) ? null : reader.GetDouble(At(column));
        double?[] Numbers(string column) => reader.IsDBNull(At(column)) ? [null, null] : reader.GetFieldValue<double?[]>(At(column));
        DateTimeOffset? Time(string column) => RowReader<HandoffPreparation>.Time(reader, At(column));

        double?[] toSent = Numbers("to_sent_percentiles");
        double?[] toAnswered = Numbers("to_answered_percentiles");
        return new HandoffMeasure
        {
            GroupBy = groupBy,
            Status = Status(Text("status")),
            SdId = Text("sd_id"),
            SdKey = Text("sd_key"),
            SessionId = reader.IsDBNull(At("session_id")) ? null : reader.GetGuid(At("session_id")),
            Day = Time("day"),
            Week = Time("week"),
            Count = reader.GetInt64(At("handoffs")),
            Accepted = reader.GetInt64(At("accepted")),
            Rejections = reader.GetInt64(At("rejections")),
            PreparedToSentCount = reader.GetInt64(At("to_sent_count")),
            PreparedToSentMean = Span(Number("to_sent_mean")),
            PreparedToSentP50 = Span(toSent[0]),
            PreparedToSentP95 = Span(toSent[1]),
            SentToAnsweredCount = reader.GetInt64(At("to_answered_count")),
            SentToAnsweredMean = Span(Number("to_answered_mean")),
            SentToAnsweredP50 = Span(toAnswered[0]),
            SentToAnsweredP95 = Span(toAnswered[1]),
            AttemptsToAcceptance = Number("attempts"),
            HoursBlocked = reader.GetDouble(At("hours_blocked")),
            StillBlocked = reader.GetInt64(At("still_blocked")),
            Basis = basis,
        };
    }

    /// <exception cref="LeoException">UnreadableRow.</exception>
    private static HandoffStatus? Status(string? text) =>
        text is null ? null
        : StatusNames<HandoffStatus>.TryFromColumn(text, out HandoffStatus status) ? status
        : throw new LeoException(
            LeoErrorId.UnreadableRow,
            $"There are handoffs whose handoff_status is not one of {StatusNames<HandoffStatus>.List}, and they cannot be grouped by it. Leave them out with -Status, or correct the value with SQL.");

    /// <summary>To the microsecond, as the server's times are.</summary>
    private static TimeSpan? Span(double? seconds) =>
        seconds is { } value ? TimeSpan.FromTicks((long)Math.Round(value * 1_000_000) * TimeSpan.TicksPerMicrosecond) : null;
}
