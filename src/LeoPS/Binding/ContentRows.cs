using LeoPS.Handoffs;
using LeoPS.Json;

namespace LeoPS.Binding;

/// <summary>Reads what piped rows bring for the content columns; null and blank bring nothing, except for a null in a hashtable. For one pipeline at a time.</summary>
/// <param name="arguments">The parameters, which win over the rows' columns.</param>
internal sealed class ContentRows(ContentArguments arguments)
{
    // What a job or another session adds to every object.
    private static readonly HashSet<string> _remoting = new(StringComparer.OrdinalIgnoreCase) { "PSComputerName", "PSShowComputerName", "PSSourceJobInstanceId", "RunspaceId" };

    private readonly JsonBuilder?[] _json = [.. ContentColumn.All.Select(c => c.Kind == ContentKind.Json ? new JsonBuilder(PowerShellShape.Instance, Name(c)) : null)];
    private readonly TextArrayBuilder?[] _lists = [.. ContentColumn.All.Select(c => c.Kind == ContentKind.TextArray ? new TextArrayBuilder(PowerShellShape.Instance, Name(c)) : null)];

    /// <summary>The values of a row.</summary>
    /// <param name="row">The row; null where there is none, or it brings no values.</param>
    /// <param name="source">The row as it came from the pipe.</param>
    /// <exception cref="LeoException">ValueOutOfRange for a column that no handoff has, or a value that its column cannot hold; InvalidJson.</exception>
    public HandoffValues Read(PipedRow? row, object? source)
    {
        var values = new HandoffValues();
        foreach (ObjectMember member in row?.Members ?? [])
        {
            if (ContentColumn.Find(member.Name) is { } column)
            {
                if ((arguments.Given & column.Bit) == 0)
                {
                    object? given = member.Read();
                    object? value = Value(column, given);
                    if (value is not null || (given is null && row!.NullIsMeant))
                    {
                        values[column] = value;
                    }
                }
            }
            else if (!HandoffNames.IsBeside(member.Name) && !arguments.Mentions(member.Name) && !_remoting.Contains(member.Name) && !row!.IsOfType(nameof(HandoffPreparation)))
            {
                throw HandoffNames.Unknown("Column", member.Name);
            }
        }

        arguments.Fill(values, source);
        return values;
    }

    private static string Name(ContentColumn column) => $"Column {column}";

    private object? Value(ContentColumn column, object? value)
    {
        object? bare = PowerShellShape.Instance.Unwrap(value);
        if (bare is null or DBNull || (bare is string text && string.IsNullOrWhiteSpace(text)))
        {
            return null;
        }

        return column.Kind switch
        {
            ContentKind.Json => _json[column.Index]!.Build(bare),
            ContentKind.TextArray => _lists[column.Index]!.Build(bare, loneIsElement: false),
            _ => RowColumns.TextOf(Name(column), bare),
        };
    }
}
