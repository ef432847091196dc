using System.Text.RegularExpressions;
using LeoPS.Schema;

namespace LeoPS.Postgres.Schema;

/// <summary>What the two tables must have, read from their SQL files.</summary>
internal static partial class SeedContract
{
    private static readonly Lazy<IReadOnlyList<SchemaDefinition>> LazyItems = new(() => Load(SchemaFiles.Statements(SchemaFiles.Contract)));

    /// <summary>One item per table, column, default, constraint, index, policy and trigger, table by table.</summary>
    public static IReadOnlyList<SchemaDefinition> Items => LazyItems.Value;

    /// <summary>The two tables.</summary>
    public static IReadOnlyList<string> Tables => Items.Where(item => item.Kind == SchemaItemKind.Table).Select(item => item.Name).ToList();

    private static List<SchemaDefinition> Load(IReadOnlyList<SchemaStatement> statements)
    {
        var columns = statements.SelectMany(table => table.Columns, (table, column) => (table.Table, Column: column))
            .ToDictionary(pair => (pair.Table, pair.Column.Name), pair => pair.Column);
        return statements.SelectMany(statement => Read(statement, name => columns[(statement.Table, name)]))
            .GroupBy(item => item.Table, StringComparer.Ordinal).SelectMany(table => table.OrderBy(item => item.Kind)).ToList();
    }

    private static IEnumerable<SchemaDefinition> Read(SchemaStatement statement, Func<string, SchemaColumn> columnOf) => statement.Kind switch
    {
        SchemaStatementKind.Table => statement.Columns.SelectMany(column => ReadColumn(statement.Table, column)),
        SchemaStatementKind.RowSecurity => [new(statement.Table, SchemaItemKind.Table, statement.Table, "row level security enabled")],
        SchemaStatementKind.Constraint => ReadConstraint(statement, columnOf),
        SchemaStatementKind.Index => [Of(statement, SchemaItemKind.Index)],
        SchemaStatementKind.Policy => [Of(statement, SchemaItemKind.Policy)],
        SchemaStatementKind.Trigger => [Of(statement, SchemaItemKind.Trigger)],
        _ => [],
    };

    private static IEnumerable<SchemaDefinition> ReadColumn(string table, SchemaColumn column)
    {
        yield return new(table, SchemaItemKind.Column, column.Name, column.Type);
        if (column.Default is not null)
        {
            yield return new(table, SchemaItemKind.Default, column.Name, column.Default);
        }
    }

    // A key brings its index along, under its own name.
    private static IEnumerable<SchemaDefinition> ReadConstraint(SchemaStatement constraint, Func<string, SchemaColumn> columnOf)
    {
        yield return Of(constraint, SchemaItemKind.Constraint) with { Text = Printed(constraint.Definition, columnOf) };
        if (Key().Match(constraint.Definition) is { Success: true } key)
        {
            var index = $"CREATE UNIQUE INDEX {constraint.Name} ON public.{constraint.Table} USING btree {key.Groups["columns"].Value}";
            yield return new(constraint.Table, SchemaItemKind.Index, constraint.Name, index);
        }
    }

    // The server prints IN as = ANY, and a varchar compared as the text that it is cast to.
    private static string Printed(string constraint, Func<string, SchemaColumn> columnOf)
    {
        if (InCheck().Match(constraint) is not { Success: true } check)
        {
            return constraint;
        }

        var column = check.Groups["column"].Value;
        var values = check.Groups["values"].Value.Split(", ");
        return columnOf(column).Type.StartsWith("character varying", StringComparison.Ordinal)
            ? $"CHECK ((({column})::text = ANY ((ARRAY[{string.Join(", ", values.Select(value => $"{value}::character varying"))}])::text[])))"
            : $"CHECK (({column} = ANY (ARRAY[{string.Join(", ", values.Select(value => $"{value}::text"))}])))";
    }

    private static SchemaDefinition Of(SchemaStatement statement, SchemaItemKind kind) => new(statement.Table, kind, statement.Name, statement.Definition);

    [GeneratedRegex(@"^CHECK \((?<column>\w+) IN \((?<values>[^()]+)\)\)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex InCheck();

    [GeneratedRegex(@"^(PRIMARY KEY|UNIQUE) (?<columns>\(.+\))$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Key();
}
