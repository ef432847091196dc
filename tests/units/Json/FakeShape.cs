using System.Runtime.CompilerServices;

namespace LeoPS.Units.Json;

/// <summary>A host whose wrapper is the StrongBox, whose objects are FakeObjects, and which a TimeoutException ends.</summary>
internal sealed class FakeShape : IObjectShape
{
    public object? Unwrap(object? value) => value is StrongBox<object?> box ? Unwrap(box.Value) : value;

    public IEnumerable<ObjectMember>? MembersOf(object value) => (value as FakeObject)?.Members;

    public bool IsFailure(Exception error) => error is not TimeoutException;
}
