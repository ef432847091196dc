using System.Management.Automation;

namespace LeoPS.Json;

/// <summary>What a parameter for a list column was given, such as -KnownIssues: one value for all rows, or a script block that makes each row's own.</summary>
internal sealed class TextArrayArgument
{
    private readonly TextArrayBuilder _builder;
    private readonly RowScript? _script;
    private readonly Lazy<IReadOnlyList<string?>?> _constant;

    /// <summary>Takes the value as it was bound; it is looked at when first asked for.</summary>
    /// <param name="parameter">The parameter, for messages.</param>
    /// <param name="value">What was bound.</param>
    public TextArrayArgument(string parameter, object? value)
    {
        _builder = new TextArrayBuilder(PowerShellShape.Instance, parameter);
        _script = PowerShellShape.Instance.Unwrap(value) is ScriptBlock block ? new RowScript(parameter, block) : null;
        _constant = new Lazy<IReadOnlyList<string?>?>(() => _builder.Build(value, loneIsElement: true));
    }

    /// <summary>The elements for a row; null for SQL NULL. A text that does not begin like a JSON array is the one element.</summary>
    /// <param name="row">The row, as it came from the pipe; only a script block sees it.</param>
    /// <exception cref="LeoException">InvalidJson, ValueOutOfRange.</exception>
    public IReadOnlyList<string?>? For(object? row) => _script is null ? _constant.Value : _builder.Build(_script.Evaluate(row), loneIsElement: true);
}
