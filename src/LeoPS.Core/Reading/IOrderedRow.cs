namespace LeoPS.Reading;

/// <summary>A row that can tell where it stands in an order.</summary>
/// <typeparam name="TOrder">The columns by which its table can be ordered.</typeparam>
public interface IOrderedRow<TOrder>
    where TOrder : struct, Enum
{
    /// <summary>Primary key.</summary>
    Guid Id { get; }

    /// <summary>The value of an order's column; null where the column is.</summary>
    object? KeyOf(TOrder order);
}
