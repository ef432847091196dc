using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using LeoPS.Executions;
using LeoPS.Ports;

namespace LeoPS.Postgres.Owners;

/// <summary>A run that this process owns. Its keeper changes it, one thing at a time.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "Whoever holds the run may ask its token at any time; the source has neither a timer nor a wait handle to free.")]
internal sealed class OwnedRun(Guid id, RunKeeper keeper) : IOwnedRun
{
    private readonly CancellationTokenSource _over = new();
    private readonly HashSet<uint> _versions = [];

    public Guid Id => id;

    public CancellationToken Over => _over.Token;

    public OwnershipEnd? End { get; private set; }

    /// <summary>True once the row says who owns it; before that a look at the row means nothing.</summary>
    public bool Stands { get; private set; }

    /// <summary>False while the server may not know of the ownership, such as after the keeper's session was lost.</summary>
    public bool IsProven { get; private set; } = true;

    /// <summary>When the server last knew.</summary>
    public long ProvenAt { get; private set; } = Stopwatch.GetTimestamp();

    /// <summary>When it was found that the server may not know.</summary>
    public long DoubtedAt { get; private set; }

    /// <summary>The row's version since the keeper last wrote it; null where it never did.</summary>
    public uint? Version { get; private set; }

    public void Release() => keeper.Release(this);

    /// <summary>The server knows of the ownership now.</summary>
    public void Prove()
    {
        IsProven = true;
        ProvenAt = Stopwatch.GetTimestamp();
    }

    /// <summary>Nobody can tell whether the server still knows.</summary>
    public void Doubt()
    {
        if (IsProven)
        {
            IsProven = false;
            DoubtedAt = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>The row is there, in this version.</summary>
    public void Stand(uint? version)
    {
        Note(version);
        Stands = true;
    }

    /// <summary>The keeper has written the row.</summary>
    public void Note(uint? version)
    {
        if (version is { } known)
        {
            lock (_versions)
            {
                _versions.Add(known);
                Version = known;
            }
        }
    }

    /// <summary>True where the row had this version, and nobody but the keeper has written it since, as far as the keeper knows.</summary>
    public bool Knows(uint version)
    {
        lock (_versions)
        {
            return _versions.Contains(version);
        }
    }

    /// <summary>Tells whoever holds the run; on a thread of its own, since what is called may take its time.</summary>
    public void Finish(OwnershipEnd end)
    {
        End = end;
        _ = _over.CancelAsync();
    }
}
