using System.Management.Automation;
using LeoPS.Changes;
using LeoPS.Json;

namespace LeoPS.Abstractions;

/// <summary>A cmdlet that edits rows of a table of which live databases have more columns than LeoPS knows.</summary>
public abstract class RowEditCmdlet<TChange, TRow> : BulkChangeCmdlet<TChange, TRow>
    where TChange : class, IRowChange
    where TRow : class
{
    private protected const string InputSet = "InputObject";
    private JsonArgument _additional = null!;
    private RowValues _values = null!;

    /// <summary>Further columns of the table: a hashtable, an object, JSON text, or a script block that makes each row's own.</summary>
    [Parameter]
    public object? AdditionalColumns { get; set; }

    /// <summary>Looks at what is the same for all rows, before the first.</summary>
    protected override void BeginProcessing()
    {
        _additional = new JsonArgument($"-{nameof(AdditionalColumns)}", AdditionalColumns);
        Guard(() =>
        {
            _values = Values(_additional.Shared());
            if (!_additional.IsPerRow)
            {
                Table.RequireAny(_values);
            }
        });
        base.BeginProcessing();
    }

    /// <summary>Which columns may be written.</summary>
    private protected abstract WritableTable Table { get; }

    /// <summary>What the parameters give for every row.</summary>
    /// <param name="additionalColumns">The additional columns as JSON; null for none.</param>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    private protected abstract RowValues Values(string? additionalColumns);

    /// <summary>What is written into a row.</summary>
    /// <param name="source">The row as it came from the pipe.</param>
    /// <exception cref="LeoException">InvalidJson; ValueOutOfRange where there is nothing to write.</exception>
    private protected RowValues ValuesFor(object? source)
    {
        if (!_additional.IsPerRow)
        {
            return _values;
        }

        RowValues values = _values with { AdditionalColumns = _additional.For(source) };
        Table.RequireAny(values);
        return values;
    }

    /// <summary>The value of a parameter that may be left out, and that is not null where it is given.</summary>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    private protected T? Given<T>(string parameter, T? value)
        where T : struct => value is null && IsBound(parameter)
        ? throw new LeoException(LeoErrorId.ValueOutOfRange, $"-{parameter} is null or blank. Give a value, or leave the parameter out to keep what the row has.")
        : value;
}
