namespace LeoPS;

/// <summary>
/// Figures over many handoffs, computed by the server. Times that are null, infinite or outside the years 1 to 9999 are in no figure
/// but the counts. docs/en-US/Measure-HandoffPreparation.md defines each figure.
/// </summary>
public sealed class HandoffMeasure
{
    internal HandoffMeasure()
    {
    }

    /// <summary>handoff_status of the group; null where they are not grouped by it.</summary>
    public HandoffStatus? Status { get; internal init; }

    /// <summary>sd_id of the group; null where they are not grouped by it.</summary>
    public string? SdId { get; internal init; }

    /// <summary>strategic_directives_v2.sd_key of <see cref="SdId"/>; null where row level security hides the directive.</summary>
    public string? SdKey { get; internal init; }

    /// <summary>session_id of the group; null where they are not grouped by it.</summary>
    public Guid? SessionId { get; internal init; }

    /// <summary>Beginning of the UTC day of prepared_at; null where they are not grouped by it, and for handoffs without that time.</summary>
    public DateTimeOffset? Day { get; internal init; }

    /// <summary>Beginning of the ISO week of prepared_at, a Monday in UTC; null where they are not grouped by it, and for handoffs without that time.</summary>
    public DateTimeOffset? Week { get; internal init; }

    /// <summary>Handoffs.</summary>
    public long Count { get; internal init; }

    /// <summary>Handoffs that are accepted.</summary>
    public long Accepted { get; internal init; }

    /// <summary>Handoffs that are rejected; on the basis of the history, every rejection of the handoffs.</summary>
    public long Rejections { get; internal init; }

    /// <summary>Accepted among the answered, 0 to 1; null where none is answered.</summary>
    public double? AcceptanceRate => Accepted + Rejections == 0 ? null : (double)Accepted / (Accepted + Rejections);

    /// <summary>Handoffs with both prepared_at and sent_at.</summary>
    public long PreparedToSentCount { get; internal init; }

    /// <summary>Mean of sent_at - prepared_at; null where no handoff has both.</summary>
    public TimeSpan? PreparedToSentMean { get; internal init; }

    /// <summary>Median of sent_at - prepared_at, between two neighbours interpolated; null where no handoff has both.</summary>
    public TimeSpan? PreparedToSentP50 { get; internal init; }

    /// <summary>95th percentile of sent_at - prepared_at, interpolated; null where no handoff has both.</summary>
    public TimeSpan? PreparedToSentP95 { get; internal init; }

    /// <summary>Handoffs with both sent_at and response_at.</summary>
    public long SentToAnsweredCount { get; internal init; }

    /// <summary>Mean of response_at - sent_at; null where no handoff has both.</summary>
    public TimeSpan? SentToAnsweredMean { get; internal init; }

    /// <summary>Median of response_at - sent_at, interpolated; null where no handoff has both.</summary>
    public TimeSpan? SentToAnsweredP50 { get; internal init; }

    /// <summary>95th percentile of response_at - sent_at, interpolated; null where no handoff has both.</summary>
    public TimeSpan? SentToAnsweredP95 { get; internal init; }

    /// <summary>
    /// How many handoffs of an SD were prepared until its first accepted one, that one included; on the basis of the history, one that was
    /// taken up again after a rejection counts again. The mean over the SDs whose first accepted one is among those measured. Null where there is none.
    /// </summary>
    public double? AttemptsToAcceptance { get; internal init; }

    /// <summary>
    /// Hours from rejections (response_at, or changed_at of the history) until the next handoff of the SD was prepared, taken up again
    /// (known to the history only) or answered; those that nothing followed are not in it.
    /// </summary>
    public double HoursBlocked { get; internal init; }

    /// <summary>Rejections with a known time that nothing has followed in their SD.</summary>
    public long StillBlocked { get; internal init; }

    /// <summary>What rejections, attempts and hours blocked were counted from.</summary>
    public MeasureBasis Basis { get; internal init; }

    /// <summary>What the handoffs were told apart by, in this order; empty for one measure of all. Not public: PowerShell would show it.</summary>
    internal IReadOnlyList<HandoffGroup> GroupBy { get; init; } = [];

    /// <summary>The number of handoffs.</summary>
    public override string ToString() => $"{Count:N0} handoffs";
}
