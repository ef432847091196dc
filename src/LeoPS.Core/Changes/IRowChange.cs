namespace LeoPS.Changes;

/// <summary>One input of a bulk change.</summary>
public interface IRowChange
{
    /// <summary>The row meant.</summary>
    Guid Id { get; }

    /// <summary>What the user's object knew of its row; null where nothing is known, or there is no row yet.</summary>
    RowGuard? Guard { get; }

    /// <summary>What the user gave.</summary>
    object? Source { get; }
}
