namespace LeoPS;

/// <summary>A member of an object.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Read">Reads its value; may throw whatever the object's code throws.</param>
internal readonly record struct ObjectMember(string Name, Func<object?> Read);
