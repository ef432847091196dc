namespace LeoPS;

/// <summary>By what the server can tell that the process which owns a run is there.</summary>
public enum OwnershipEvidence
{
    /// <summary>A lock of the owner's session, which the server frees when the process ends, however it ends.</summary>
    Lock,

    /// <summary>A time in the run's metadata that the owner renews: behind a pooler that shares sessions nobody can hold a lock.</summary>
    Heartbeat,
}
