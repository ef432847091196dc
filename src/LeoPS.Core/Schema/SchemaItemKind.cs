namespace LeoPS.Schema;

/// <summary>What an item of the contract is.</summary>
public enum SchemaItemKind
{
    /// <summary>A table, with row level security on or off.</summary>
    Table,

    /// <summary>A column: type and nullability.</summary>
    Column,

    /// <summary>A column's default.</summary>
    Default,

    /// <summary>A primary key, foreign key, unique or check constraint.</summary>
    Constraint,

    /// <summary>An index.</summary>
    Index,

    /// <summary>A row level security policy.</summary>
    Policy,

    /// <summary>A trigger.</summary>
    Trigger,
}
