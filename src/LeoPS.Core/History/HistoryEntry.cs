namespace LeoPS;

/// <summary>One status change of one row, as the database itself recorded it. Comes from the database only.</summary>
public abstract class HistoryEntry
{
    private protected HistoryEntry()
    {
    }

    /// <summary>row_id: the id of the row that changed.</summary>
    public Guid Id { get; internal set; }

    /// <summary>changed_at, UTC: the server's clock when the statement had done its work.</summary>
    public DateTimeOffset ChangedAt { get; internal set; }

    /// <summary>reason: what the change was given, or for a run its error message; null where neither was.</summary>
    public string? Reason { get; internal set; }

    /// <summary>changed_by: the user that logged in; nobody can forge it.</summary>
    public string ChangedBy { get; internal set; } = "";

    /// <summary>role: the role that the session had set, or else the user.</summary>
    public string Role { get; internal set; } = "";

    /// <summary>user_id: "sub" of the claims that the session carried, as it said; null for a direct connection.</summary>
    public string? UserId { get; internal set; }

    /// <summary>actor: operating-system user and host, as LeoPS said; null for other programs.</summary>
    public string? Actor { get; internal set; }

    /// <summary>transaction_id: the same for all that was changed together.</summary>
    public ulong Batch { get; internal set; }

    /// <summary>The history's own id, which tells apart two changes of one moment.</summary>
    internal long EntryId { get; set; }

    private protected string Describe(object? from, object? to) => $"{Id.ToString()[..8]} {from ?? "(new)"} → {to ?? "(deleted)"}";
}
