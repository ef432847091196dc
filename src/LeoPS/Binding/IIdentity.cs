namespace LeoPS.Binding;

/// <summary>What a cmdlet was given to name one row.</summary>
internal interface IIdentity
{
    /// <summary>Why this names no row; null where it does.</summary>
    LeoException? Error { get; }

    /// <summary>Why a row that is named must not be changed: what it says of its version cannot be read. Null where nothing stands against it.</summary>
    LeoException? GuardError { get; }

    /// <summary>What was given.</summary>
    object? Source { get; }
}
