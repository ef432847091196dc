namespace LeoPS.Statuses;

/// <summary>What the guard of a status change needs to know of a row, whichever table it is from.</summary>
public interface IStatusRow<TStatus>
    where TStatus : struct, Enum
{
    /// <summary>Primary key.</summary>
    Guid Id { get; }

    /// <summary>The status column; null where it is null, which some tables allow.</summary>
    TStatus? Status { get; }

    /// <summary>The row's xmin when it was read; null where the relation has none.</summary>
    uint? RowVersion { get; }

    /// <summary>The updated_at column; null where it is null or the table has none. No property: PowerShell would show it.</summary>
    DateTimeOffset? GetUpdatedAt();

    /// <summary>How messages name the row: the id and what people call it by.</summary>
    string GetLabel();
}
