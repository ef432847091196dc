namespace LeoPS;

/// <summary>What the figures about rejections were counted from.</summary>
public enum MeasureBasis
{
    /// <summary>The handoffs as they stand: a rejection that was sent back to preparation left no trace and is not counted.</summary>
    Rows,

    /// <summary>The history of status changes; what happened before it was installed is told by the handoffs.</summary>
    History,
}
