namespace LeoPS;

/// <summary>The five statuses of exec_handoff_preparations.handoff_status, in lower case there.</summary>
public enum HandoffStatus
{
    /// <summary>EXEC is still writing it.</summary>
    Preparing,

    /// <summary>Complete, and not sent yet.</summary>
    Ready,

    /// <summary>With PLAN since sent_at.</summary>
    Sent,

    /// <summary>PLAN took it at response_at. Terminal.</summary>
    Accepted,

    /// <summary>PLAN sent it back at response_at.</summary>
    Rejected,
}
