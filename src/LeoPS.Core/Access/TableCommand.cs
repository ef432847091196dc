namespace LeoPS.Access;

/// <summary>What can be done to the rows of a table, each with a right and policies of its own.</summary>
public enum TableCommand
{
    /// <summary>Reading.</summary>
    Select,

    /// <summary>Making.</summary>
    Insert,

    /// <summary>Changing.</summary>
    Update,

    /// <summary>Deleting.</summary>
    Delete,
}
