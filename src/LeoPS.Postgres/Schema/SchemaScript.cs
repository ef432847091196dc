using System.Text.RegularExpressions;

namespace LeoPS.Postgres.Schema;

/// <summary>Reads the schema files: statements that end with a semicolon at the end of a line, comments on lines of their own.</summary>
internal static partial class SchemaScript
{
    private const int MatchTimeout = 1000;
    private const RegexOptions Options = RegexOptions.Singleline | RegexOptions.ExplicitCapture;

    /// <summary>The statements of a file, in order; a grant to several roles becomes one statement per role.</summary>
    /// <exception cref="InvalidOperationException">The file holds a statement of a form not known here.</exception>
    public static IReadOnlyList<SchemaStatement> Parse(string text) => Split(text).SelectMany(Read).ToList();

    /// <summary>The statements of a file as they stand, each without its semicolon.</summary>
    public static IEnumerable<string> Split(string text)
    {
        var lines = new List<string>();
        var quoted = false;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            if (lines.Count == 0 && (line.Length == 0 || line.StartsWith("--", StringComparison.Ordinal)))
            {
                continue;
            }

            lines.Add(line);
            quoted ^= line.Split("$$").Length % 2 == 0;
            if (!quoted && line.EndsWith(';'))
            {
                yield return string.Join('\n', lines)[..^1];
                lines.Clear();
            }
        }

        if (lines.Count > 0)
        {
            throw new InvalidOperationException($"A schema file ends inside a statement: {lines[0]}");
        }
    }

    private static IEnumerable<SchemaStatement> Read(string sql)
    {
        if (TableForm().Match(sql) is { Success: true } table)
        {
            var columns = table.Groups["columns"].Value.Split(",\n").Select(ReadColumn).ToList();
            return [Of(SchemaStatementKind.Table, table) with { Name = table.Groups["table"].Value, Columns = columns }];
        }

        if (GrantForm().Match(sql) is { Success: true } grant)
        {
            return grant.Groups["roles"].Value.Split(", ").Select(role =>
                Of(SchemaStatementKind.Grant, grant) with { Sql = $"{grant.Groups["head"].Value} TO {role}", Roles = [role] });
        }

        if (PolicyForm().Match(sql) is { Success: true } policy)
        {
            var roles = policy.Groups["roles"].Value.Split(", ").Where(role => role != "public").ToList();
            return [Of(SchemaStatementKind.Policy, policy) with { Roles = roles }];
        }

        return [ReadSimple(sql)];
    }

    private static SchemaStatement ReadSimple(string sql)
    {
        foreach (var (kind, form) in SimpleForms)
        {
            if (form.Match(sql) is { Success: true } match)
            {
                return Of(kind, match);
            }
        }

        throw new InvalidOperationException($"A schema file holds a statement of an unknown form: {sql}");
    }

    private static SchemaStatement Of(SchemaStatementKind kind, Match match) =>
        new(kind, match.Value, match.Groups["table"].Value, match.Groups["name"].Value) { Definition = match.Groups["definition"].Value };

    private static SchemaColumn ReadColumn(string line)
    {
        var match = ColumnForm().Match(line);
        return match.Success
            ? new SchemaColumn(match.Groups["name"].Value, match.Groups["type"].Value, match.Groups["default"] is { Success: true } value ? value.Value : null)
            : throw new InvalidOperationException($"A schema file holds a column of an unknown form: {line}");
    }

    private static readonly (SchemaStatementKind Kind, Regex Form)[] SimpleForms =
    [
        (SchemaStatementKind.Role, RoleForm()),
        (SchemaStatementKind.Schema, SchemaForm()),
        (SchemaStatementKind.Function, FunctionForm()),
        (SchemaStatementKind.Comment, CommentForm()),
        (SchemaStatementKind.Constraint, ConstraintForm()),
        (SchemaStatementKind.Index, IndexForm()),
        (SchemaStatementKind.RowSecurity, RowSecurityForm()),
        (SchemaStatementKind.Trigger, TriggerForm()),
    ];

    [GeneratedRegex(@"^CREATE TABLE public\.(?<table>\w+) \(\n(?<columns>.+)\n\)$", Options, MatchTimeout)]
    private static partial Regex TableForm();

    [GeneratedRegex(@"^\s+(?<name>\w+) (?<type>[^\n]+?)( DEFAULT (?<default>[^\n]+))?$", Options, MatchTimeout)]
    private static partial Regex ColumnForm();

    [GeneratedRegex(@"^(?<head>GRANT (?<definition>[\w, ]+) ON (?<name>(TABLE|SCHEMA|FUNCTION) \S+)) TO (?<roles>[\w, ]+)$", Options, MatchTimeout)]
    private static partial Regex GrantForm();

    [GeneratedRegex(@"^CREATE POLICY (?<name>\w+) ON public\.(?<table>\w+) (?<definition>FOR \w+ TO (?<roles>\w+(, \w+)*) .+)$", Options, MatchTimeout)]
    private static partial Regex PolicyForm();

    [GeneratedRegex(@"^CREATE ROLE (?<name>\w+).*$", Options, MatchTimeout)]
    private static partial Regex RoleForm();

    [GeneratedRegex(@"^CREATE SCHEMA (?<name>\w+)$", Options, MatchTimeout)]
    private static partial Regex SchemaForm();

    [GeneratedRegex(@"^CREATE FUNCTION (?<name>\w+\.\w+\(\)) .+$", Options, MatchTimeout)]
    private static partial Regex FunctionForm();

    [GeneratedRegex(@"^COMMENT ON COLUMN public\.(?<table>\w+)\.(?<name>\w+) IS '.+'$", Options, MatchTimeout)]
    private static partial Regex CommentForm();

    [GeneratedRegex(@"^ALTER TABLE public\.(?<table>\w+) ADD CONSTRAINT (?<name>\w+) (?<definition>.+)$", Options, MatchTimeout)]
    private static partial Regex ConstraintForm();

    [GeneratedRegex(@"^(?<definition>CREATE (UNIQUE )?INDEX (?<name>\w+) ON public\.(?<table>\w+) .+)$", Options, MatchTimeout)]
    private static partial Regex IndexForm();

    [GeneratedRegex(@"^ALTER TABLE public\.(?<table>\w+) ENABLE ROW LEVEL SECURITY$", Options, MatchTimeout)]
    private static partial Regex RowSecurityForm();

    [GeneratedRegex(@"^(?<definition>CREATE TRIGGER (?<name>\w+) .+ ON public\.(?<table>\w+) .+)$", Options, MatchTimeout)]
    private static partial Regex TriggerForm();
}
