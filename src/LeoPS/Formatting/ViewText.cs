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

    /// <summary>How long ago a time was, in words; a clock that runs behind the server's gives "just now".</summary>
    public static string Ago(DateTimeOffset time)
    {
        TimeSpan age = DateTimeOffset.UtcNow - time;
        return Duration.Describe(age < TimeSpan.Zero ? TimeSpan.Zero : age);
    }

    /// <summary>A time to the second, in UTC.</summary>
    public static string Moment(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'");

    /// <summary>A text on one line.</summary>
    public static string OneLine(string? text) => text is null ? "" : string.Join(' ', text.Split((char[])['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries));
}
