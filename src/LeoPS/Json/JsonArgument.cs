using System.Management.Automation;

namespace LeoPS.Json;

/// <summary>
/// What a parameter for a JSON column was given, such as -InputState: one value for all rows, or a script block that makes each row's own.
/// For one pipeline at a time.
/// </summary>
internal sealed class JsonArgument
{
    private readonly JsonBuilder _builder;
    private readonly RowScript? _script;
    private readonly Lazy<string?> _constant;

    /// <summary>Takes the value as it was bound; it is looked at when first asked for.</summary>
    /// <param name="parameter">The parameter, for messages, such as "-InputState".</param>
    /// <param name="value">What was bound.</param>
    public JsonArgument(string parameter, object? value)
    {
        _builder = new JsonBuilder(PowerShellShape.Instance, parameter);
        _script = PowerShellShape.Instance.Unwrap(value) is ScriptBlock block ? new RowScript(parameter, block) : null;
        _constant = new Lazy<string?>(() => _builder.Build(value));
    }

    /// <summary>True where each row has a value of its own.</summary>
    public bool IsPerRow => _script is not null;

    /// <summary>The JSON text for all rows; null for SQL NULL, and where each row has its own. What is wrong with it concerns the call, and is to be said before the first row.</summary>
    /// <exception cref="LeoException">InvalidJson.</exception>
    public string? Shared() => IsPerRow ? null : For(null);

    /// <summary>
    /// The JSON text for a row; null for SQL NULL. A string is JSON text, whether it was given or is the one result of the script block; of
    /// several results each is an element, and strings among them are JSON strings.
    /// </summary>
    /// <param name="row">The row, as it came from the pipe; only a script block sees it.</param>
    /// <exception cref="LeoException">InvalidJson where the script block fails, or its result or the given value cannot become JSON.</exception>
    public string? For(object? row) => _script is null ? _constant.Value : _builder.Build(_script.Evaluate(row));
}
