namespace LeoPS.Units.Json;

/// <summary>An object whose members only the host knows, and which calls any other of its kind equal.</summary>
internal sealed class FakeObject
{
    public List<ObjectMember> Members { get; } = [];

    public FakeObject With(string name, Func<object?> read)
    {
        Members.Add(new ObjectMember(name, read));
        return this;
    }

    public override bool Equals(object? obj) => obj is FakeObject;

    public override int GetHashCode() => 0;
}
