using LeoPS.Changes;

namespace LeoPS.Binding;

/// <summary>
/// Names one row: an object of ours, its deserialized, JSON or CSV form, a GUID or text. What names none is carried along
/// with its error, so that the row is reported in its place and the pipe goes on.
/// </summary>
public abstract class RowIdentity<TRow> : IIdentity
    where TRow : class
{
    private protected RowIdentity(Guid id, RowGuard? guard, TRow? row, object? source)
    {
        Id = id;
        Guard = guard;
        Row = row;
        Source = source;
    }

    private protected RowIdentity(LeoException error, object? source)
    {
        Error = error;
        Source = source;
    }

    /// <summary>The row's id; empty where there is an error.</summary>
    public Guid Id { get; }

    /// <summary>Why this names no row; null where it does.</summary>
    public LeoException? Error { get; }

    /// <summary>What was given.</summary>
    public object? Source { get; }

    internal RowGuard? Guard { get; }

    /// <inheritdoc/>
    public LeoException? GuardError { get; internal init; }

    internal TRow? Row { get; }

    /// <summary>The id, or what was wrong.</summary>
    public override string ToString() => Error?.Message ?? Id.ToString();
}
