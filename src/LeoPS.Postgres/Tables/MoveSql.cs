using LeoPS.Changes;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Statuses;
using NpgsqlTypes;

namespace LeoPS.Postgres.Tables;

/// <summary>The parts of an update that come from a transition table and from guards, for any table.</summary>
internal static class MoveSql
{
    /// <summary>The moves that may happen: the status left, and what happens to each stamp column, under that column's name.</summary>
    public static string Moves<TStatus>(Statement statement, StatusMove<TStatus> move)
        where TStatus : struct, Enum
    {
        IReadOnlyList<string> stamps = move.Table.StampColumns;
        IEnumerable<string> columns = stamps.Select((_, i) => Texts(statement, move.Moves.Select(m => m.Stamps[i].ToString().ToLowerInvariant())));
        string from = Texts(statement, move.Moves.Select(m => StatusNames<TStatus>.ToColumn(m.From)));
        return $"moves({string.Join(", ", stamps.Prepend("from_status"))}) as (select * from unnest({string.Join(", ", columns.Prepend(from))}))";
    }

    /// <summary>The assignments of the stamp columns.</summary>
    public static string Stamps<TStatus>(TransitionTable<TStatus> table, string alias)
        where TStatus : struct, Enum =>
        string.Join(",\n        ", table.StampColumns.Select(c => $"{c} = case m.{c} when 'now' then now() when 'clear' then null else {alias}.{c} end"));

    /// <summary>The target status as a value.</summary>
    public static string Target<TStatus>(Statement statement, StatusMove<TStatus> move)
        where TStatus : struct, Enum =>
        statement.Add(StatusNames<TStatus>.ToColumn(move.Target), NpgsqlDbType.Text);

    /// <summary>The rows of a batch: place, id, guard, and further columns, each a name and an array.</summary>
    public static string Input<TChange>(Statement statement, IReadOnlyList<BatchItem<TChange>> items, IReadOnlyList<(string Name, string Array)> further)
        where TChange : class, IRowChange<Guid>
    {
        var ids = new Guid[items.Count];
        for (int i = 0; i < items.Count; i++)
        {
            ids[i] = items[i].Change.Id;
        }

        return Input(statement, "input", items, ("id", statement.Add(ids, NpgsqlDbType.Array | NpgsqlDbType.Uuid)), further);
    }

    /// <summary>The rows of a batch: place, what names each, guard, and further columns, each a name and an array.</summary>
    public static string Input<TChange>(
        Statement statement,
        string relation,
        IReadOnlyList<BatchItem<TChange>> items,
        (string Name, string Array) key,
        IReadOnlyList<(string Name, string Array)> further)
        where TChange : class, IRowChange
    {
        int[] places = new int[items.Count];
        uint?[] versions = new uint?[items.Count];
        string?[] statuses = new string?[items.Count];
        var updated = new DateTime?[items.Count];
        for (int i = 0; i < items.Count; i++)
        {
            places[i] = i;
            versions[i] = items[i].Guard?.RowVersion;
            statuses[i] = items[i].Guard?.StatusText;
            updated[i] = items[i].Guard?.UpdatedAt?.UtcDateTime;
        }

        string[] arrays =
        [
            statement.Add(places, NpgsqlDbType.Array | NpgsqlDbType.Integer),
            key.Array,
            statement.Add(versions, NpgsqlDbType.Array | NpgsqlDbType.Xid),
            statement.Add(statuses, NpgsqlDbType.Array | NpgsqlDbType.Text),
            statement.Add(updated, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz),
            .. further.Select(f => f.Array),
        ];
        string names = string.Join(", ", further.Select(f => f.Name).Prepend($"at, {key.Name}, row_version, status, updated_at"));
        // Of an array that it does not see the server expects ten rows: so dear a plan it does not keep.
        string one = items.Count == 1 ? " limit 1" : "";
        return $"{relation}({names}) as (select * from unnest({string.Join(", ", arrays)}){one})";
    }

    /// <summary>An array of texts as a value.</summary>
    public static string Texts(Statement statement, IEnumerable<string?> texts) =>
        statement.Add(texts.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
}
