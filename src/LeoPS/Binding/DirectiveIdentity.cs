using LeoPS.Changes;

namespace LeoPS.Binding;

/// <summary>
/// Names one strategic directive: an object of ours, its deserialized, JSON or CSV form, or its id or key. What names none is carried along
/// with its error, so that the row is reported in its place and the pipe goes on.
/// </summary>
public sealed class DirectiveIdentity : IIdentity
{
    internal DirectiveIdentity(string sd, StrategicDirective? row, object? source, PipedRow? columns = null, RowGuard? guard = null)
    {
        Guard = guard;
        Sd = sd;
        Row = row;
        Source = source;
        Columns = columns;
    }

    internal DirectiveIdentity(LeoException error, object? source)
    {
        Sd = "";
        Error = error;
        Source = source;
    }

    /// <summary>What a null of the pipe names.</summary>
    internal static DirectiveIdentity Nothing => new(LeoErrors.InvalidDirective("An empty value"), null);

    /// <summary>The id or key, literally; empty where there is an error.</summary>
    public string Sd { get; }

    /// <summary>Why this names no directive; null where it does.</summary>
    public LeoException? Error { get; }

    /// <inheritdoc/>
    public LeoException? GuardError { get; internal init; }

    /// <summary>What was given.</summary>
    public object? Source { get; }

    internal StrategicDirective? Row { get; }

    /// <summary>What the object knew of its row; null where it knew nothing.</summary>
    internal RowGuard? Guard { get; }

    /// <summary>The row as it came, where it is none of our own objects: its columns may bring values to write.</summary>
    internal PipedRow? Columns { get; }

    /// <summary>The id or key, or what was wrong.</summary>
    public override string ToString() => Error?.Message ?? Sd;
}
