namespace LeoPS.Schema;

/// <summary>How an item of the contract stands in a live database.</summary>
public enum SchemaItemState
{
    /// <summary>There, and as the contract has it.</summary>
    Ok,

    /// <summary>Not there.</summary>
    Missing,

    /// <summary>There, and different.</summary>
    Different,

    /// <summary>In the database and not in the contract.</summary>
    Extra,
}
