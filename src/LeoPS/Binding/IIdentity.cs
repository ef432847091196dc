namespace LeoPS.Binding;

/// <summary>What a cmdlet was given to name one row.</summary>
internal interface IIdentity
{
    /// <summary>Why this names no row; null where it does.</summary>
    LeoException? Error { get; }

    /// <summary>What was given.</summary>
    object? Source { get; }
}
