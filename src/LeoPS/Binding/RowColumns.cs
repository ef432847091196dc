using System.Collections;
using System.Management.Automation;
using System.Text.Json;
using LeoPS.Executions;
using LeoPS.Json;
using LeoPS.Text;

namespace LeoPS.Binding;

/// <summary>The values that a piped row brings for columns.</summary>
/// <param name="row">The row; null where none brings values, as a run of our own does not: what it holds was read, not given.</param>
internal readonly struct RowColumns(PipedRow? row)
{
    /// <summary>A text; null for no value.</summary>
    /// <exception cref="LeoException">ValueOutOfRange for a list or an object, of which the text would say nothing.</exception>
    public string? Text(string name) => TextOf($"Column {name}", row?[name]);

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
    /// <exception cref="LeoException">InvalidJson for a text that begins like a JSON array and is none; ValueOutOfRange for what is no text.</exception>
    public IReadOnlyList<string?>? Texts(string name) => row?[name] is { } value && !IsBlank(value)
        ? new TextArrayBuilder(PowerShellShape.Instance, $"Column {name}").Build(value, loneIsElement: true)
        : null;

    /// <summary>JSON for a column: a text is JSON text, as -InputState takes it, unless it stands in a line of JSON itself; anything else becomes JSON.</summary>
    /// <exception cref="LeoException">InvalidJson.</exception>
    public string? Json(string name) => row?[name] is { } value && !IsBlank(value)
        ? new JsonBuilder(PowerShellShape.Instance, $"column {name}").Build(value)
        : null;

    /// <summary>The text of a value that is to be one; null for null and blank.</summary>
    /// <param name="name">What it is called in messages, such as "Column Title".</param>
    /// <param name="value">The value.</param>
    /// <exception cref="LeoException">ValueOutOfRange for a list or an object.</exception>
    public static string? TextOf(string name, object? value) =>
        value is IEnumerable and not string or PSObject or JsonElement { ValueKind: JsonValueKind.Object or JsonValueKind.Array }
            ? throw new LeoException(LeoErrorId.ValueOutOfRange, $"{name} is a {value.GetType().Name}, and a text is wanted.")
            : ColumnValue.Text(value);

    /// <summary>The three error columns; null where there is none.</summary>
    public RunError? Error() => RunError.Of(Text(nameof(FlowExecution.ErrorMessage)), Text(nameof(FlowExecution.ErrorType)), Text(nameof(FlowExecution.ErrorStack)));

    private static bool IsBlank(object value) => value is string text && string.IsNullOrWhiteSpace(text);
}
