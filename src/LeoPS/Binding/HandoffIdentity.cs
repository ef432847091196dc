using LeoPS.Changes;
using LeoPS.Handoffs;

namespace LeoPS.Binding;

/// <summary>Names one handoff.</summary>
public sealed class HandoffIdentity : RowIdentity<HandoffPreparation>
{
    internal HandoffIdentity(Guid id, RowGuard? guard, HandoffPreparation? row, object? source, PipedRow? columns = null)
        : base(id, guard, row, source) => Columns = columns;

    internal HandoffIdentity(LeoException error, object? source)
        : base(error, source)
    {
    }

    /// <summary>What a null of the pipe names.</summary>
    internal static HandoffIdentity Nothing => new(LeoErrors.InvalidIdentity(HandoffTransitions.Table.Noun, "An empty value"), null);

    /// <summary>The row as it came, where it is none of our own objects: its columns may bring values to write.</summary>
    internal PipedRow? Columns { get; }

    /// <summary>A handoff named by its id alone.</summary>
    internal static HandoffIdentity Of(Guid id) => new(id, null, null, id);

    internal StatusChange<HandoffPreparation> ToChange() => new(Id, Guard, Row, Source);
}
