namespace LeoPS;

/// <summary>What only the host knows of a value: what it wraps, and which members of an object count.</summary>
internal interface IObjectShape
{
    /// <summary>The value behind the host's wrappers; null for each of the host's forms of null. A value without a wrapper is itself.</summary>
    object? Unwrap(object? value);

    /// <summary>
    /// The members of an unwrapped object, in their order; null where it is not one whose members stand for it. Not asked for
    /// scalars, dictionaries and sequences.
    /// </summary>
    IEnumerable<ObjectMember>? MembersOf(object value);

    /// <summary>True where an exception from a value's own code is that value's failure; false where it ends the host's call and has to pass.</summary>
    bool IsFailure(Exception error);
}
