using LeoPS.Reading;
using LeoPS.Statuses;
using Npgsql;

namespace LeoPS.Postgres.Handoffs;

/// <summary>Makes objects of rows whose columns stand in the order of <see cref="HandoffColumns.Known"/>, then row_version, beyond, sd_key, title.</summary>
internal sealed class HandoffRowReader(NpgsqlDataReader reader)
{
    /// <summary>The first column after those of the model.</summary>
    public const int Next = 25;

    private const int RowVersion = 21;
    private const int Beyond = 22;
    private const int SdKey = 23;
    private const int SdTitle = 24;
    private static readonly DateTimeOffset _epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly long _microsecondsToMin = (DateTimeOffset.MinValue.Ticks - _epoch.Ticks) / TimeSpan.TicksPerMicrosecond;
    private static readonly long _microsecondsToMax = (DateTimeOffset.MaxValue.Ticks - _epoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private (int Column, string Why)? _fault;

    /// <summary>The characters of the last row's long values: what a chunk of rows holds on to.</summary>
    public int LastSize { get; private set; }

    /// <summary>Reads the current row. A value that cannot be represented is null in the object, and the error names it.</summary>
    public ReadItem<HandoffPreparation> Read()
    {
        _fault = null;
        var row = new HandoffPreparation
        {
            Id = reader.GetGuid(0),
            SessionId = reader.GetGuid(1),
            SdId = reader.GetString(2),
            HandoffStatus = Status(3),
            ImplementationSummary = reader.GetString(4),
            RawQualityMetrics = Text(5),
            RawTestResults = Text(6),
            RawPerformanceBenchmarks = Text(7),
            RawSecurityValidation = Text(8),
            RawAccessibilityCompliance = Text(9),
            DemoUrl = Text(10),
            DocumentationUrl = Text(11),
            TestReportUrl = Text(12),
            DeliverablesManifest = Array(13),
            KnownIssues = Array(14),
            PostImplementationNotes = Text(15),
            PreparedAt = Stamp(16),
            SentAt = Stamp(17),
            ResponseAt = Stamp(18),
            CreatedAt = Stamp(19),
            UpdatedAt = Stamp(20),
            RowVersion = reader.IsDBNull(RowVersion) ? null : reader.GetFieldValue<uint>(RowVersion),
            RawAdditionalColumns = Text(Beyond),
            SdKey = Text(SdKey),
            SdTitle = Text(SdTitle),
        };
        LastSize = row.ImplementationSummary.Length + Length(row.RawQualityMetrics) + Length(row.RawTestResults) + Length(row.RawPerformanceBenchmarks)
            + Length(row.RawSecurityValidation) + Length(row.RawAccessibilityCompliance) + Length(row.PostImplementationNotes) + Length(row.RawAdditionalColumns);
        LeoException? error = _fault is { } fault
            ? LeoErrors.UnreadableRow("handoff", row.Id.ToString(), HandoffColumns.Known[fault.Column], fault.Why)
            : null;
        return new ReadItem<HandoffPreparation>(row, error);
    }

    /// <summary>A timestamp in UTC, to the microsecond.</summary>
    /// <exception cref="FormatException">It is infinite, or outside the years 1 to 9999.</exception>
    public static DateTimeOffset? Time(NpgsqlDataReader reader, int ordinal)
    {
        if (reader.IsDBNull(ordinal))
        {
            return null;
        }

        long microseconds = reader.GetFieldValue<long>(ordinal);
        return microseconds switch
        {
            long.MaxValue => throw new FormatException("is infinity, which no date is"),
            long.MinValue => throw new FormatException("is -infinity, which no date is"),
            _ when microseconds < _microsecondsToMin || microseconds > _microsecondsToMax => throw new FormatException("lies outside the years 1 to 9999"),
            _ => _epoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond),
        };
    }

    private static int Length(string? text) => text?.Length ?? 0;

    private string? Text(int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);

    private DateTimeOffset? Stamp(int ordinal)
    {
        try
        {
            return Time(reader, ordinal);
        }
        catch (FormatException e)
        {
            _fault ??= (ordinal, e.Message);
            return null;
        }
    }

    private HandoffStatus Status(int ordinal)
    {
        if (!StatusNames<HandoffStatus>.TryFromColumn(reader.GetString(ordinal), out HandoffStatus status))
        {
            _fault ??= (ordinal, $"is not one of {StatusNames<HandoffStatus>.List}");
        }

        return status;
    }

    private TextArray? Array(int ordinal)
    {
        if (reader.IsDBNull(ordinal))
        {
            return null;
        }

        try
        {
            return new TextArray(reader.GetFieldValue<string?[]>(ordinal));
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidCastException)
        {
            _fault ??= (ordinal, "is an array of more than one dimension");
            return null;
        }
    }
}
