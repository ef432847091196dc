using LeoPS.Handoffs;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using NpgsqlTypes;

namespace LeoPS.Postgres.Handoffs;

/// <summary>
/// The values of the content columns of a batch, as a statement takes them: an array of texts per column, beside which stands what makes the
/// column's type of each. What is the same for all rows travels once, however large it is.
/// </summary>
internal sealed class ContentParameters
{
    private readonly List<(string Name, string Array)> _inputs = [];
    private readonly List<(ContentColumn Column, string Expression)> _columns = [];

    /// <param name="statement">Takes the values.</param>
    /// <param name="rows">The values of the rows.</param>
    /// <param name="columns">The columns that the statement writes.</param>
    /// <param name="absentJson">What a JSON column is given where a row brings nothing; null for NULL.</param>
    public ContentParameters(Statement statement, IReadOnlyList<HandoffValues> rows, IEnumerable<ContentColumn> columns, string? absentJson)
    {
        foreach (ContentColumn column in columns)
        {
            string?[] texts = Texts(rows, column, absentJson);
            bool shared = Array.TrueForAll(texts, text => ReferenceEquals(text, texts[0]));
            if (!shared)
            {
                _inputs.Add((column.Name, MoveSql.Texts(statement, texts)));
            }

            string value = shared ? statement.Add(texts[0], NpgsqlDbType.Text) : $"i.{column.Name}";
            _columns.Add((column, value + Cast(column.Kind)));
        }
    }

    /// <summary>The columns with their values.</summary>
    public IReadOnlyList<(ContentColumn Column, string Expression)> Columns => _columns;

    /// <summary>The arrays, by the names that the values know them by.</summary>
    public IReadOnlyList<(string Name, string Array)> Inputs => _inputs;

    /// <summary>Their names, each behind a comma.</summary>
    public string InputNames => string.Concat(_inputs.Select(i => $", {i.Name}"));

    /// <summary>The columns' names, each behind a comma.</summary>
    public string Names => string.Concat(_columns.Select(c => $", {c.Column.Name}"));

    /// <summary>The columns' values, each behind a comma.</summary>
    public string Expressions => string.Concat(_columns.Select(c => $", {c.Expression}"));

    /// <summary>The columns that at least one of these rows brings something for.</summary>
    public static IReadOnlyList<ContentColumn> UsedBy(IReadOnlyList<HandoffValues> rows)
    {
        int given = rows.Aggregate(0, (all, row) => all | row.Given);
        return [.. ContentColumn.All.Where(c => (given & c.Bit) != 0)];
    }

    private static string?[] Texts(IReadOnlyList<HandoffValues> rows, ContentColumn column, string? absentJson)
    {
        string? absent = column.Kind == ContentKind.Json ? absentJson : null;
        string?[] texts = new string?[rows.Count];
        object? before = null;
        for (int i = 0; i < texts.Length; i++)
        {
            object? value = rows[i].Has(column) ? rows[i][column] : absent;
            // The same list gives the same text, so that it is seen to be shared.
            texts[i] = i > 0 && ReferenceEquals(value, before) ? texts[i - 1] : value is IReadOnlyList<string?> items ? ArrayLiteral.Of(items) : (string?)value;
            before = value;
        }

        return texts;
    }

    private static string Cast(ContentKind kind) => kind switch
    {
        ContentKind.Json => "::jsonb",
        ContentKind.TextArray => "::text[]",
        _ => "",
    };
}
