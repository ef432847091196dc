using LeoPS.Changes;

namespace LeoPS.Binding;

/// <summary>Names one handoff.</summary>
public sealed class HandoffIdentity : RowIdentity<HandoffPreparation>
{
    internal HandoffIdentity(Guid id, RowGuard? guard, HandoffPreparation? row, object? source)
        : base(id, guard, row, source)
    {
    }

    internal HandoffIdentity(LeoException error, object? source)
        : base(error, source)
    {
    }

    internal StatusChange<HandoffPreparation> ToChange() => new(Id, Guard, Row, Source);
}
