using LeoPS.Executions;
using LeoPS.Json;
using LeoPS.Text;

namespace LeoPS.Binding;

/// <summary>The values that a piped row brings for columns.</summary>
/// <param name="row">The row; null where none brings values, as a run of our own does not: what it holds was read, not given.</param>
internal readonly struct RowColumns(PipedRow? row)
{
    public string? Text(string name) => ColumnValue.Text(row?[name]);

    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public int? Integer(string name) => ColumnValue.Integer(name, row?[name]);

    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public decimal? Number(string name) => ColumnValue.Number(name, row?[name]);

    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public DateTimeOffset? Time(string name) => ColumnValue.Time(name, row?[name]);

    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public Guid? Id(string name) => ColumnValue.Id(name, row?[name]);

    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public TName? Name<TName>(string name)
        where TName : struct, Enum => ColumnValue.Name<TName>(name, row?[name]);

    /// <summary>True or false, as texts and JSON have them; null for no value.</summary>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public bool? Flag(string name) => ColumnValue.Flag(name, row?[name]);

    /// <summary>Texts: a list, a JSON array or a single one; null for no value.</summary>
    public string?[]? Texts(string name) => TextList.Of(row?[name]);

    /// <summary>JSON for a column: a text is JSON text, as -InputState takes it, unless it stands in a line of JSON itself; anything else becomes JSON.</summary>
    /// <exception cref="LeoException">InvalidJson.</exception>
    public string? Json(string name) => row?[name] is { } value && !(value is string text && string.IsNullOrWhiteSpace(text))
        ? new JsonBuilder(PowerShellShape.Instance, $"column {name}").Build(value)
        : null;

    /// <summary>The three error columns; null where there is none.</summary>
    public RunError? Error() => RunError.Of(Text(nameof(FlowExecution.ErrorMessage)), Text(nameof(FlowExecution.ErrorType)), Text(nameof(FlowExecution.ErrorStack)));
}
