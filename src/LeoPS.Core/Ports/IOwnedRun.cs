using LeoPS.Executions;

namespace LeoPS.Ports;

/// <summary>
/// A run that this process owns: others can tell that the process is there, and this one hears within a second when the run is ended by
/// somebody else or the ownership is lost. It ends by itself when a store of this process ends the run.
/// </summary>
public interface IOwnedRun
{
    /// <summary>id of the run.</summary>
    Guid Id { get; }

    /// <summary>Cancelled when the run is no longer this process's to work on; not by <see cref="Release"/>.</summary>
    CancellationToken Over { get; }

    /// <summary>Why it is over; null while it is not.</summary>
    OwnershipEnd? End { get; }

    /// <summary>Gives the ownership up. The run stays as it is, and nobody owns it.</summary>
    void Release();
}
