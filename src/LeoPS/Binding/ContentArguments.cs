using System.Management.Automation;
using System.Management.Automation.Language;
using LeoPS.Handoffs;
using LeoPS.Json;

namespace LeoPS.Binding;

/// <summary>What the parameters of content columns were given: the same for all rows, or made for each by a script block.</summary>
internal sealed class ContentArguments
{
    private readonly List<(ContentColumn Column, bool IsPerRow, Func<object?, object?> Value)> _arguments = [];
    private readonly HashSet<string> _mentioned = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="bound">The parameters of the call.</param>
    public ContentArguments(IReadOnlyDictionary<string, object?> bound)
    {
        foreach (ContentColumn column in ContentColumn.All)
        {
            if (bound.TryGetValue(column.Property, out object? value))
            {
                var script = PowerShellShape.Instance.Unwrap(value) as ScriptBlock;
                _arguments.Add((column, script is not null, Reader(column, value)));
                Given |= column.Bit;
                _mentioned.UnionWith(script?.Ast.FindAll(node => node is StringConstantExpressionAst, searchNestedScriptBlocks: true).Select(node => ((StringConstantExpressionAst)node).Value) ?? []);
            }
        }
    }

    /// <summary>The columns that are given, as <see cref="ContentColumn.Bit"/>s.</summary>
    public int Given { get; }

    /// <summary>True for a name that a script block reads: a column of the rows that has it is meant for that block.</summary>
    public bool Mentions(string name) => _mentioned.Contains(name);

    /// <summary>What is the same for all rows; a failure in it concerns the call and can be had before the first row.</summary>
    /// <exception cref="LeoException">InvalidJson, ValueOutOfRange.</exception>
    public HandoffValues Shared() => Fill(new HandoffValues(), null, perRow: false);

    /// <summary>Sets the values for a row.</summary>
    /// <param name="values">Takes them.</param>
    /// <param name="row">The row as it came from the pipe, for script blocks.</param>
    /// <exception cref="LeoException">InvalidJson, ValueOutOfRange.</exception>
    public void Fill(HandoffValues values, object? row) => Fill(values, row, perRow: true);

    private HandoffValues Fill(HandoffValues values, object? row, bool perRow)
    {
        foreach ((ContentColumn column, bool isPerRow, Func<object?, object?> value) in _arguments)
        {
            if (perRow || !isPerRow)
            {
                values[column] = value(row);
            }
        }

        return values;
    }

    private static Func<object?, object?> Reader(ContentColumn column, object? value)
    {
        switch (column.Kind)
        {
            case ContentKind.Json:
                return new JsonArgument($"-{column}", value).For;
            case ContentKind.TextArray:
                return new TextArrayArgument($"-{column}", value).For;
            default:
                string? text = value?.ToString();
                return _ => text;
        }
    }
}
