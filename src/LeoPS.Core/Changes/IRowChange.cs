namespace LeoPS.Changes;

/// <summary>One input of a bulk change.</summary>
public interface IRowChange
{
    /// <summary>The row meant.</summary>
    Guid Id { get; }

    /// <summary>What the user gave.</summary>
    object? Source { get; }
}
