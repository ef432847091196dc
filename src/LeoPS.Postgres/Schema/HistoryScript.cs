using System.Text.RegularExpressions;
using LeoPS.Postgres.History;

namespace LeoPS.Postgres.Schema;

/// <summary>Makes history.sql out for a table.</summary>
internal static partial class HistoryScript
{
    private const RegexOptions Options = RegexOptions.Singleline | RegexOptions.ExplicitCapture;

    /// <summary>The steps that make a history, in order.</summary>
    public static IReadOnlyList<HistoryStep> For(HistoryTable table)
    {
        var steps = new List<HistoryStep>();
        foreach (string statement in SchemaScript.Split(MakeOut(table)))
        {
            if (ObjectForm().Match(statement) is { Success: true } match)
            {
                steps.Add(new HistoryStep(Describe(match), [statement], match.Groups["role"].Value is { Length: > 0 } role and not "public" ? role : null));
            }
            else
            {
                steps[^1] = steps[^1] with { Statements = [.. steps[^1].Statements, statement] };
            }
        }

        return steps;
    }

    private static string MakeOut(HistoryTable table)
    {
        IEnumerable<string> lines = SchemaFiles.Read("history.sql").ReplaceLineEndings("\n").Split('\n').SelectMany(line => line.Contains("{label}", StringComparison.Ordinal)
            ? table.Labels.Select(l => line.Replace("{label}", l.Column, StringComparison.Ordinal).Replace("{type}", l.Type, StringComparison.Ordinal))
            : [line]);
        return string.Join('\n', lines)
            .Replace("{table}", table.Table, StringComparison.Ordinal)
            .Replace("{status}", table.StatusColumn, StringComparison.Ordinal)
            .Replace("{history}", table.Name, StringComparison.Ordinal)
            .Replace("{channel}", table.Channel, StringComparison.Ordinal)
            .Replace("{reason}", table.Reason, StringComparison.Ordinal);
    }

    private static string Describe(Match match)
    {
        string kind = match.Groups["kind"].Value.ToLowerInvariant();
        string name = match.Groups["name"].Value;
        return match.Groups["table"] is { Success: true } table ? $"{kind} {name} on {table.Value}"
            : kind == "function" ? $"function {name}()"
            : $"{kind} {name}";
    }

    [GeneratedRegex(@"^CREATE ((?<kind>SCHEMA|TABLE|FUNCTION) (?<name>[\w.]+)|(?<kind>INDEX|POLICY|TRIGGER) (?<name>\w+) .*?ON (?<table>\w+\.\w+)( FOR SELECT TO (?<role>\w+))?)", Options, 1000)]
    private static partial Regex ObjectForm();
}
