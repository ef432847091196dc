using LeoPS.Changes;
using LeoPS.Json;

namespace LeoPS.Binding;

/// <summary>What -AdditionalColumns was given, and what rows bring in a column of that name. For one pipeline at a time.</summary>
internal sealed class AdditionalColumnArgument
{
    private const string Name = nameof(AdditionalColumns);

    private readonly JsonArgument? _given;
    private AdditionalColumns? _shared;

    /// <param name="isBound">True where the parameter was given.</param>
    /// <param name="value">Its value.</param>
    public AdditionalColumnArgument(bool isBound, object? value) => _given = isBound ? new JsonArgument($"-{Name}", value) : null;

    /// <summary>True where the parameter was given.</summary>
    public bool IsGiven => _given is not null;

    /// <summary>Fails where what is the same for all rows is no JSON; to be called before the first row.</summary>
    /// <exception cref="LeoException">InvalidJson.</exception>
    public void CheckShared() => _given?.Shared();

    /// <summary>The additional columns of one row.</summary>
    /// <param name="source">The row as it came from the pipe, for a script block.</param>
    /// <param name="row">The row that may bring such columns; null for none.</param>
    /// <param name="copiedKind">The kind of our own objects of which a new row is a copy; null where no row is copied.</param>
    /// <exception cref="LeoException">InvalidJson.</exception>
    public AdditionalColumns For(object? source, PipedRow? row = null, string? copiedKind = null)
    {
        string? ofRow = OfRow(row);
        if (ofRow is null)
        {
            return _given is null ? AdditionalColumns.None
                : _given.IsPerRow ? new AdditionalColumns { Given = _given.For(source) }
                : _shared ??= new AdditionalColumns { Given = _given.For(source) };
        }

        // Each key of a hashtable was written by the user, as -AdditionalColumns is.
        return _given is null && row!.NullIsMeant
            ? new AdditionalColumns { Given = ofRow }
            : new AdditionalColumns { Given = _given?.For(source), OfRow = ofRow, IsCopy = copiedKind is not null && row!.StemsFrom(copiedKind) };
    }

    private static string? OfRow(PipedRow? row) => new RowColumns(row).Json(Name) is { } json && json != "{}" ? json : null;
}
