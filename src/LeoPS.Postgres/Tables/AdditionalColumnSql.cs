using LeoPS.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using NpgsqlTypes;

namespace LeoPS.Postgres.Tables;

/// <summary>
/// The parts of an insert or update that write additional columns. The values of a row travel as one JSON object, of which the server makes the
/// types that the columns have; an object that all rows share travels once. All parts are empty where nothing is written.
/// </summary>
internal sealed class AdditionalColumnSql
{
    private const string Input = "additional";
    private const string Record = "added";

    private readonly string[] _names = [];

    private AdditionalColumnSql()
    {
    }

    /// <param name="statement">Takes the values.</param>
    /// <param name="rows">The values of each row, in the order of the input; all have the same columns.</param>
    /// <param name="live">The columns of the live table; may be null where nothing is written.</param>
    public AdditionalColumnSql(Statement statement, IReadOnlyList<AdditionalValues> rows, LiveColumns? live)
    {
        _names = [.. rows[0].Columns];
        if (_names.Length == 0)
        {
            return;
        }

        bool shared = rows.All(r => ReferenceEquals(r, rows[0]));
        Inputs = shared ? [] : [(Input, MoveSql.Texts(statement, rows.Select(r => r.Json)))];
        string document = shared ? statement.Add(rows[0].Json, NpgsqlDbType.Text) : $"i.{Input}";
        Join = $"\n            cross join lateral {live!.Record($"{document}::jsonb", _names, Record)}";
    }

    /// <summary>Writes nothing.</summary>
    public static AdditionalColumnSql None { get; } = new();

    /// <summary>The arrays that the input i gets further, with their names.</summary>
    public IReadOnlyList<(string Name, string Array)> Inputs { get; } = [];

    /// <summary>The names of the further arrays, each behind a comma.</summary>
    public string InputNames => string.Concat(Inputs.Select(i => $", {i.Name}"));

    /// <summary>The join of the values, for a from-clause that has the input i.</summary>
    public string Join { get; } = "";

    /// <summary>The columns, each behind a comma, for the column list of an insert.</summary>
    public string Names => string.Concat(_names.Select(n => $", {Identifier.Quote(n)}"));

    /// <summary>Their values, each behind a comma.</summary>
    public string Values => string.Concat(_names.Select(n => $", {Value(n)}"));

    /// <summary>The assignments of an update.</summary>
    public IEnumerable<string> Assignments => _names.Select(n => $"{Identifier.Quote(n)} = {Value(n)}");

    private static string Value(string name) => $"{Record}.{Identifier.Quote(name)}";
}
