namespace LeoPS.Reading;

/// <summary>A row that can tell where it stands in an order.</summary>
/// <typeparam name="TOrder">The columns by which its table can be ordered.</typeparam>
public interface IOrderedRow<TOrder>
    where TOrder : struct, Enum
{
    /// <summary>Primary key: a GUID or a text. No property: PowerShell would show it.</summary>
    object GetKey();

    /// <summary>The value of an order's column; null where the column is.</summary>
    object? KeyOf(TOrder order);
}
