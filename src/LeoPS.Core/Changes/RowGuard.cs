using LeoPS.Statuses;

namespace LeoPS.Changes;

/// <summary>What the user's object knew of its row. The change happens only where the row still is that one.</summary>
/// <param name="RowVersion">xmin as read; null where the relation had none.</param>
/// <param name="StatusText">The status column as read; null where the object did not say.</param>
/// <param name="UpdatedAt">updated_at as read, perhaps to the second; null is a value of that column too.</param>
public readonly record struct RowGuard(uint? RowVersion, string? StatusText, DateTimeOffset? UpdatedAt)
{
    /// <summary>What is known of a row that has just been read.</summary>
    public static RowGuard Of<TStatus>(IStatusRow<TStatus> row)
        where TStatus : struct, Enum
    {
        ArgumentNullException.ThrowIfNull(row);
        return new RowGuard(row.RowVersion, row.Status is { } status ? StatusNames<TStatus>.ToColumn(status) : null, row.GetUpdatedAt());
    }

    /// <summary>True for the time of change that is known; one that went through a CSV file is known to the second.</summary>
    /// <param name="updatedAt">updated_at of the row as it is now.</param>
    public bool IsOfTime(DateTimeOffset? updatedAt) =>
        UpdatedAt == updatedAt || (updatedAt is { } now && UpdatedAt == now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)));

    /// <summary>True where a row that has these values is still the one that the guard was taken from.</summary>
    public bool Holds(uint? rowVersion, string? statusText, DateTimeOffset? updatedAt) => RowVersion is { } known && rowVersion is { } now
        ? known == now
        : (StatusText is null || StatusText == statusText) && IsOfTime(updatedAt);
}
