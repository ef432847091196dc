using System.Globalization;
using LeoPS.Handoffs;
using LeoPS.Text;

namespace LeoPS.Formatting;

/// <summary>What the views of LeoPS.Format.ps1xml show; called from there.</summary>
public static class ViewText
{
    /// <summary>The first eight digits of an id: enough for people to tell rows apart on a screen.</summary>
    public static string ShortId(Guid id) => id.ToString()[..8];

    /// <summary>How long the handoff has had its status, by this machine's clock; empty where no stamp tells.</summary>
    public static string Age(HandoffPreparation row) => row is not null && HandoffAge.Since(row) is { } since ? Ago(since) : "";

    /// <summary>How long ago a run began, or was queued; empty where it is not known.</summary>
    public static string Started(FlowExecution row) => row?.StartedAt is { } started ? Ago(started) : "";

    /// <summary>How long ago the last run of a flow began; empty where none is known.</summary>
    public static string LastRun(Flow row) => row?.LastExecutedAt is { } last ? Ago(last) : "";

    /// <summary>How long a run took, in words; empty where the database does not say.</summary>
    public static string Took(FlowExecution row) => row?.DurationMs is { } milliseconds ? Duration.Elapsed(TimeSpan.FromMilliseconds(milliseconds)) : "";

    /// <summary>A measured time in words; empty where there is none.</summary>
    public static string Span(TimeSpan? time) => time is { } span ? Duration.Elapsed(span) : "";

    /// <summary>The group of a measure in short: "Accepted SD-UAT-001 2026-W10", "all" for the one of all, a dash for what has no value.</summary>
    public static string Group(HandoffMeasure measure) => measure is not { GroupBy.Count: > 0 } ? "all" : string.Join(' ', measure.GroupBy.Select(g => g switch
    {
        HandoffGroup.Status => measure.Status?.ToString(),
        HandoffGroup.SdId => measure.SdKey ?? measure.SdId,
        HandoffGroup.SessionId => measure.SessionId is { } session ? ShortId(session) : null,
        HandoffGroup.Day => measure.Day?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => measure.Week?.UtcDateTime is { } week ? $"{ISOWeek.GetYear(week)}-W{ISOWeek.GetWeekOfYear(week):00}" : null,
    } ?? "-"));

    /// <summary>True where the measure is of a group that is told apart by this.</summary>
    public static bool IsGroupedBy(HandoffMeasure measure, HandoffGroup group) => measure?.GroupBy.Contains(group) == true;

    /// <summary>The group of a measure in short: "weekly-board-meeting Failed 2026-01-10", "all" for the one of all, a dash for what has no value.</summary>
    public static string Group(ExecutionMeasure measure)
    {
        if (measure is null or { GroupBy.Count: 0, HasInterval: false })
        {
            return "all";
        }

        IEnumerable<string?> parts = measure.GroupBy.Select(g => g switch
        {
            ExecutionGroup.Flow => measure.Flow,
            ExecutionGroup.Status => measure.Status?.ToString(),
            ExecutionGroup.Mode => measure.Mode?.ToString(),
            ExecutionGroup.Day => measure.Day?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ExecutionGroup.Hour => measure.Hour?.UtcDateTime.ToString("yyyy-MM-dd HH'h'", CultureInfo.InvariantCulture),
            _ => measure.ExecutedBy is { } user ? ShortId(user) : null,
        });
        return string.Join(' ', (measure.HasInterval ? parts.Append(measure.Interval is { } from ? Moment(from) : null) : parts).Select(p => p ?? "-"));
    }

    /// <summary>True where the measure is of a group that is told apart by this.</summary>
    public static bool IsGroupedBy(ExecutionMeasure measure, ExecutionGroup group) => measure?.GroupBy.Contains(group) == true;

    /// <summary>True where the measure is of a part of time.</summary>
    public static bool HasInterval(ExecutionMeasure measure) => measure?.HasInterval == true;

    /// <summary>How long ago a time was, in words; a clock that runs behind the server's gives "just now".</summary>
    public static string Ago(DateTimeOffset time)
    {
        TimeSpan age = DateTimeOffset.UtcNow - time;
        return Duration.Describe(age < TimeSpan.Zero ? TimeSpan.Zero : age);
    }

    /// <summary>A time to the second, in UTC.</summary>
    public static string Moment(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>How many findings there are, and the first that blocks or else the first.</summary>
    public static string Findings(HandoffReadinessReport report) => report switch
    {
        null or { Findings.Count: 0 } => "",
        _ => $"{report.Findings.Count}: {(report.Findings.FirstOrDefault(finding => finding.Severity == FindingSeverity.Blocking) ?? report.Findings[0]).Message}",
    };

    /// <summary>A text on one line.</summary>
    public static string OneLine(string? text) => text is null ? "" : string.Join(' ', text.Split((char[])['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries));
}
