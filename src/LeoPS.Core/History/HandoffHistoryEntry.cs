namespace LeoPS;

/// <summary>One status change of a handoff: a row of leops.handoff_history.</summary>
public sealed class HandoffHistoryEntry : HistoryEntry
{
    internal HandoffHistoryEntry()
    {
    }

    /// <summary>from_status; null for a new handoff.</summary>
    public HandoffStatus? From { get; internal set; }

    /// <summary>to_status; null for one that was deleted.</summary>
    public HandoffStatus? To { get; internal set; }

    /// <summary>sd_id: the strategic directive's id, as it was then.</summary>
    public string? SdId { get; internal set; }

    /// <summary>strategic_directives_v2.sd_key; null where the directive is gone or hidden.</summary>
    public string? SdKey { get; internal set; }

    /// <summary>SD key, short id and the two statuses.</summary>
    public override string ToString() => $"{SdKey ?? SdId} {Describe(From, To)}";
}
