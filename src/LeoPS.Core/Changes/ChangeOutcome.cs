namespace LeoPS.Changes;

/// <summary>What became of one input of a bulk change.</summary>
public sealed class ChangeOutcome<TRow>
    where TRow : class
{
    private ChangeOutcome(OutcomeKind kind, object? source, TRow? row, LeoException? error, string? note)
    {
        Note = note;
        Kind = kind;
        Source = source;
        Row = row;
        Error = error;
    }

    /// <summary>How it ended.</summary>
    public OutcomeKind Kind { get; }

    /// <summary>What the user gave; the TargetObject of an error.</summary>
    public object? Source { get; }

    /// <summary>The row as it is now; null where it failed.</summary>
    public TRow? Row { get; }

    /// <summary>Why it failed; for a row that was written and cannot be shown whole, UnreadableRow; null otherwise.</summary>
    public LeoException? Error { get; }

    /// <summary>What was done otherwise than asked, for the user to know; null for most rows.</summary>
    public string? Note { get; }

    /// <summary>The row was written; <paramref name="unreadable"/> says which of its values cannot be shown.</summary>
    public static ChangeOutcome<TRow> Changed(object? source, TRow row, LeoException? unreadable = null, string? note = null) => new(OutcomeKind.Changed, source, row, unreadable, note);

    /// <summary>The row was already as asked for.</summary>
    public static ChangeOutcome<TRow> Unchanged(object? source, TRow row) => new(OutcomeKind.Unchanged, source, row, null, null);

    /// <summary>The row was not written.</summary>
    public static ChangeOutcome<TRow> Failed(object? source, LeoException error) => new(OutcomeKind.Failed, source, null, error, null);
}
