using LeoPS.Changes;

namespace LeoPS.Binding;

/// <summary>
/// Names one handoff: a HandoffPreparation, its deserialized, JSON or CSV form, a GUID or text. What names none is
/// carried along with its error, so that the row is reported in its place and the pipe goes on.
/// </summary>
public sealed class HandoffIdentity
{
    internal HandoffIdentity(Guid id, RowGuard? guard, HandoffPreparation? row, object? source)
    {
        Id = id;
        Guard = guard;
        Row = row;
        Source = source;
    }

    internal HandoffIdentity(LeoException error, object? source)
    {
        Error = error;
        Source = source;
    }

    /// <summary>The handoff's id; empty where there is an error.</summary>
    public Guid Id { get; }

    /// <summary>Why this names no handoff; null where it does.</summary>
    public LeoException? Error { get; }

    /// <summary>What was given.</summary>
    public object? Source { get; }

    internal RowGuard? Guard { get; }

    internal HandoffPreparation? Row { get; }

    internal StatusChange<HandoffPreparation> ToChange() => new(Id, Guard, Row, Source);

    /// <summary>The id, or what was wrong.</summary>
    public override string ToString() => Error?.Message ?? Id.ToString();
}
