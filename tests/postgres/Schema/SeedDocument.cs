using System.Text.RegularExpressions;
using LeoPS.Schema;

namespace LeoPS.PostgresTests.Schema;

/// <summary>A seed document, parsed: every item that it lists, in the words that a server would use for it.</summary>
public sealed partial class SeedDocument
{
    private readonly string[] _lines;

    private SeedDocument(string table, string[] lines)
    {
        Table = table;
        _lines = lines;
        Columns = ReadColumns();
        Definitions = [.. ReadTable(), .. ReadColumnItems(), .. ReadConstraints(), .. ReadIndexes(), .. ReadPolicies(), .. ReadTriggers()];
    }

    /// <summary>Both seed documents.</summary>
    public static IReadOnlyList<SeedDocument> All { get; } = [Load("exec_handoff_preparations"), Load("crewai_flow_executions")];

    /// <summary>The table's name.</summary>
    public string Table { get; }

    /// <summary>The rows of the table of columns.</summary>
    public IReadOnlyList<(string Name, string Type, bool Nullable, string? Default, string? Description)> Columns { get; }

    /// <summary>Every item as the contract has it.</summary>
    internal IReadOnlyList<SchemaDefinition> Definitions { get; }

    /// <summary>The number of columns, from the heading "Columns (n total)".</summary>
    public int ColumnTotal => int.Parse(Heading().Match(Line("## Columns")).Groups["n"].Value);

    /// <summary>The number of policies, from the line "**RLS**: Enabled (n policies)".</summary>
    public int PolicyTotal => int.Parse(Heading().Match(Line("**RLS**")).Groups["n"].Value);

    private static SeedDocument Load(string table)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "LeoPS.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run below the repository.");
        }

        return new SeedDocument(table, File.ReadAllLines(Path.Combine(folder.FullName, "tests", "seeds", $"{table}.md")));
    }

    private static string Unquote(string cell) => cell.Trim('`');

    private static string? Cell(string cell) => cell == "-" ? null : Unquote(cell);

    // The generator of the documents prints information_schema's names: integer(32) is integer, and both ARRAY columns are text[].
    private static string ServerType(string type) => type switch
    {
        "integer(32)" => "integer",
        "ARRAY" => "text[]",
        _ => type,
    };

    private string Line(string start) => _lines.First(line => line.StartsWith(start, StringComparison.Ordinal));

    private IEnumerable<string> Section(string heading)
    {
        var level = heading[..(heading.IndexOf(' ', StringComparison.Ordinal) + 1)];
        return _lines.SkipWhile(line => !line.StartsWith(heading, StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => !line.StartsWith(level, StringComparison.Ordinal) && !line.StartsWith("## ", StringComparison.Ordinal));
    }

    private List<(string, string, bool, string?, string?)> ReadColumns() =>
        (from line in Section("## Columns")
         where line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| Column", StringComparison.Ordinal)
         let cells = line.Split('|', StringSplitOptions.TrimEntries)
         select (cells[1], ServerType(Unquote(cells[2])), cells[3] == "YES", Cell(cells[4]), Cell(cells[5]))).ToList();

    private IEnumerable<SchemaDefinition> ReadTable() =>
        [new(Table, SchemaItemKind.Table, Table, "row level security " + (Line("**RLS**").Contains("Enabled", StringComparison.Ordinal) ? "enabled" : "disabled"))];

    private IEnumerable<SchemaDefinition> ReadColumnItems()
    {
        foreach (var (name, type, nullable, value, _) in Columns)
        {
            yield return new(Table, SchemaItemKind.Column, name, nullable ? type : $"{type} NOT NULL");
            if (value is not null)
            {
                yield return new(Table, SchemaItemKind.Default, name, value);
            }
        }
    }

    // What the documents leave out: foreign keys cascade, and the other table is public's.
    private IEnumerable<SchemaDefinition> ReadConstraints() =>
        from line in Section("## Constraints")
        let match = ConstraintLine().Match(line)
        where match.Success
        let text = match.Groups["text"].Value
        let foreign = ForeignKey().Match(text)
        select new SchemaDefinition(
            Table,
            SchemaItemKind.Constraint,
            match.Groups["name"].Value,
            foreign.Success ? $"FOREIGN KEY ({foreign.Groups["column"]}) REFERENCES public.{foreign.Groups["target"]} ON DELETE CASCADE" : text);

    private IEnumerable<SchemaDefinition> ReadIndexes() =>
        from line in Section("## Indexes")
        let match = IndexLine().Match(line)
        where match.Success
        select new SchemaDefinition(Table, SchemaItemKind.Index, match.Groups["name"].Value, match.Value.Trim());

    private IEnumerable<SchemaDefinition> ReadPolicies() =>
        from line in Section("## RLS Policies")
        let match = PolicyLine().Match(line)
        where match.Success
        let body = Section(line).Select(part => PolicyPart().Match(part)).Where(part => part.Success)
            .ToDictionary(part => part.Groups["key"].Value, part => part.Groups["value"].Value.Trim('`'))
        let roles = body["Roles"].Trim('{', '}').Replace(",", ", ", StringComparison.Ordinal)
        select new SchemaDefinition(
            Table,
            SchemaItemKind.Policy,
            match.Groups["name"].Value,
            $"FOR {match.Groups["command"]} TO {roles}{Clause(body, "Using", "USING")}{Clause(body, "With Check", "WITH CHECK")}");

    // What the documents leave out: both are row triggers, and the calculator looks only at the moment of completion.
    private IEnumerable<SchemaDefinition> ReadTriggers() =>
        from heading in Section("## Triggers")
        where heading.StartsWith("### ", StringComparison.Ordinal)
        let name = heading[4..].Trim()
        let body = Section(heading).Select(part => PolicyPart().Match(part)).Where(part => part.Success)
            .ToDictionary(part => part.Groups["key"].Value, part => part.Groups["value"].Value.Trim('`'))
        let condition = name == "execution_duration_calculator" ? " WHEN (((new.completed_at IS NOT NULL) AND (old.completed_at IS NULL)))" : ""
        select new SchemaDefinition(
            Table,
            SchemaItemKind.Trigger,
            name,
            $"CREATE TRIGGER {name} {body["Timing"]} ON public.{Table} FOR EACH ROW{condition} {body["Action"].Replace("FUNCTION ", "FUNCTION public.", StringComparison.Ordinal)}");

    private static string Clause(Dictionary<string, string> body, string key, string keyword) =>
        body.TryGetValue(key, out var expression) ? $" {keyword} {(expression.StartsWith('(') ? expression : $"({expression})")}" : "";

    [GeneratedRegex(@"\((?<n>\d+) (total|policies)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Heading();

    [GeneratedRegex("^- `(?<name>[^`]+)`: (?<text>.+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ConstraintLine();

    [GeneratedRegex(@"^(?<column>\w+) → (?<target>\w+\(\w+\))$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ForeignKey();

    [GeneratedRegex(@"^\s*CREATE (UNIQUE )?INDEX (?<name>\w+) .+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IndexLine();

    [GeneratedRegex(@"^### \d+\. (?<name>\w+) \((?<command>\w+)\)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PolicyLine();

    [GeneratedRegex(@"^- \*\*(?<key>[\w ]+)\*\*: (?<value>.+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PolicyPart();
}
