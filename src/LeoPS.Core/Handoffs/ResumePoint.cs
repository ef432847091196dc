namespace LeoPS.Handoffs;

/// <summary>A place in an ordered reading: the last row that was seen.</summary>
/// <param name="Id">That row's id.</param>
/// <param name="KeyKnown">True where <paramref name="Key"/> is the row's value of the order column; false where only the id is known.</param>
/// <param name="Key">The order column's value, null included.</param>
public sealed record ResumePoint(Guid Id, bool KeyKnown, object? Key)
{
    /// <summary>After this row, as the object has it.</summary>
    public static ResumePoint After(HandoffPreparation row, HandoffOrder order) => new(row.Id, true, KeyOf(row, order));

    /// <summary>After the row of this id; its key is looked up where the order needs one.</summary>
    public static ResumePoint After(Guid id) => new(id, false, null);

    private static object? KeyOf(HandoffPreparation row, HandoffOrder order) => order switch
    {
        HandoffOrder.Id => row.Id,
        HandoffOrder.PreparedAt => row.PreparedAt,
        HandoffOrder.SentAt => row.SentAt,
        HandoffOrder.ResponseAt => row.ResponseAt,
        HandoffOrder.CreatedAt => row.CreatedAt,
        HandoffOrder.UpdatedAt => row.UpdatedAt,
        HandoffOrder.SdId => row.SdId,
        HandoffOrder.Status => Statuses.StatusNames<HandoffStatus>.ToColumn(row.Status),
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };
}
