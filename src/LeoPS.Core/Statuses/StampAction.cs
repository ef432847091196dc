namespace LeoPS.Statuses;

/// <summary>What a move does to a timestamp column.</summary>
public enum StampAction
{
    /// <summary>Leaves it as it is.</summary>
    Keep,

    /// <summary>Sets it to the server's now().</summary>
    Now,

    /// <summary>Sets it to null.</summary>
    Clear,
}
