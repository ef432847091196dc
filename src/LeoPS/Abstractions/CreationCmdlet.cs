using System.Management.Automation;
using LeoPS.Access;
using LeoPS.Binding;
using LeoPS.Changes;

namespace LeoPS.Abstractions;

/// <summary>A cmdlet that makes rows one by one, in a table of which live databases have more columns than LeoPS knows.</summary>
public abstract class CreationCmdlet<TRow> : DatabaseCmdlet
    where TRow : class
{
    private AdditionalColumnArgument _additional = null!;

    /// <summary>Further columns of the table: a hashtable, an object, JSON text, or a script block that makes each row's own.</summary>
    [Parameter]
    public object? AdditionalColumns { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _additional = new AdditionalColumnArgument(IsBound(nameof(AdditionalColumns)), AdditionalColumns);
        Guard(_additional.CheckShared);
        base.BeginProcessing();
    }

    /// <summary>The further columns of a row; see <see cref="AdditionalColumnArgument.For"/>.</summary>
    /// <exception cref="LeoException">InvalidJson.</exception>
    private protected AdditionalColumns AdditionalFor(object? source, PipedRow? row = null, string? copiedKind = null) =>
        _additional.For(source, row, copiedKind);

    /// <summary>A new row as a planned write: the columns of the parameters, and the further ones.</summary>
    private protected static PlannedWrite Planned(string noun, IReadOnlyList<NewColumn> columns, AdditionalColumns additional)
    {
        var values = columns.ToDictionary(c => c.Name, c => JsonText.EscapeString(c.Value), StringComparer.Ordinal);
        return new PlannedWrite(noun, TableCommand.Insert, values) { Additional = additional, AlsoGiven = [] };
    }

    /// <summary>Makes a row that was asked for, and writes what came of it.</summary>
    private protected void Create(Func<CancellationToken, Task<ChangeOutcome<TRow>>> create, object? source)
    {
        ChangeOutcome<TRow> outcome = Await(create, source);
        if (outcome.Row is { } made)
        {
            WriteObject(made);
        }

        if (outcome.Error is { } error)
        {
            WriteRowError(error, outcome.Source);
        }
    }
}
