using LeoPS.Changes;
using LeoPS.Postgres.Statements;
using NpgsqlTypes;

namespace LeoPS.Postgres.Tables;

/// <summary>The JSON objects of a batch of edits as a statement takes them. What is the same for all rows travels once, however large it is.</summary>
internal sealed class RowDocuments
{
    private readonly HashSet<string> _inAll;

    /// <param name="statement">Takes the values.</param>
    /// <param name="rows">The object of each row of the batch.</param>
    public RowDocuments(Statement statement, IReadOnlyList<RowDocument> rows)
    {
        Columns = [.. rows.SelectMany(r => r.Columns).Distinct(StringComparer.Ordinal)];
        _inAll = [.. Columns.Where(c => rows.All(r => ReferenceEquals(r, rows[0]) || r.Columns.Contains(c)) && rows[0].Columns.Contains(c))];
        bool shared = rows.All(r => ReferenceEquals(r, rows[0]));
        Json = shared ? statement.Add(rows[0].Json, NpgsqlDbType.Text) + "::jsonb" : "i.document::jsonb";
        Inputs = shared ? [] : [("document", MoveSql.Texts(statement, rows.Select(r => r.Json)))];
    }

    /// <summary>The columns that at least one row writes.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The object of a row of the input, as an expression.</summary>
    public string Json { get; }

    /// <summary>What the input brings for it.</summary>
    public IReadOnlyList<(string Name, string Array)> Inputs { get; }

    /// <summary>True where every row writes the column.</summary>
    public bool IsInAll(string column) => _inAll.Contains(column);

    /// <summary>True for a row that writes the column, as an expression.</summary>
    public string Has(string column) => $"{Json} ? '{column.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>The assignment of a column: its value, where the row writes it.</summary>
    /// <param name="column">The column.</param>
    /// <param name="alias">What the rows of the table are called.</param>
    public string Assignment(string column, string alias)
    {
        string name = Identifier.Quote(column);
        return IsInAll(column) ? $"{name} = w.{name}" : $"{name} = case when {Has(column)} then w.{name} else {alias}.{name} end";
    }
}
