namespace LeoPS.Changes;

/// <summary>One input of a bulk change.</summary>
public interface IRowChange
{
    /// <summary>The id of the row meant, a Guid or a text as its table has it: what tells one row of a call from another.</summary>
    object Key { get; }

    /// <summary>What the user's object knew of its row; null where nothing is known, or there is no row yet.</summary>
    RowGuard? Guard { get; }

    /// <summary>What the user gave.</summary>
    object? Source { get; }
}

/// <summary>One input of a bulk change of a table whose ids are of one type.</summary>
public interface IRowChange<out TId> : IRowChange
    where TId : notnull
{
    /// <summary>The row meant.</summary>
    TId Id { get; }

    /// <inheritdoc/>
    object IRowChange.Key => Id;
}
