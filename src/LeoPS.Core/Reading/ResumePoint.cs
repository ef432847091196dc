namespace LeoPS.Reading;

/// <summary>A place in an ordered reading: the last row that was seen.</summary>
/// <param name="Id">That row's id: a GUID or a text, as its table has it.</param>
/// <param name="KeyKnown">True where <paramref name="Key"/> is the row's value of the order column; false where only the id is known.</param>
/// <param name="Key">The order column's value, null included.</param>
public sealed record ResumePoint(object Id, bool KeyKnown, object? Key)
{
    /// <summary>After this row, as the object has it.</summary>
    public static ResumePoint After<TOrder>(IOrderedRow<TOrder> row, TOrder order)
        where TOrder : struct, Enum =>
        new(row.GetKey(), true, row.KeyOf(order));

    /// <summary>After the row of this id; its key is looked up where the order needs one.</summary>
    public static ResumePoint After(object id) => new(id, false, null);
}
