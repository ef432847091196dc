using LeoPS.Postgres.History;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using NpgsqlTypes;

namespace LeoPS.Postgres.Watching;

/// <summary>
/// The statements of a watcher of a history. New is what a snapshot shows and the one before did not: a number that counts up, or a
/// time, would miss what commits late.
/// </summary>
internal static class HistorySnapshotSql
{
    /// <summary>Whether there is the history, and whether the server is a standby, whose snapshots do not list the transactions that are going on.</summary>
    public static Statement Basis(HistoryTable history)
    {
        var statement = new Statement();
        statement.Text = $"select to_regclass({statement.Add(history.QualifiedName, NpgsqlDbType.Text)}) is not null, pg_is_in_recovery()";
        return statement;
    }

    /// <summary>Where a watch begins: the snapshot, the floor, the first transaction that has not begun, and the time.</summary>
    public static Statement Start(HistoryTable history) => new($"""
        select pg_current_snapshot()::text,
               coalesce((select max(x.id) from {history.QualifiedName} x where x.transaction_id >= pg_snapshot_xmax(pg_current_snapshot())), 0),
               pg_snapshot_xmax(pg_current_snapshot())::text,
               clock_timestamp()
        """);

    /// <summary>The next page behind a place.</summary>
    /// <param name="sql">The statements for the live table.</param>
    /// <param name="history">Its history.</param>
    /// <param name="conditionsOf">Which changes are meant, x being one; takes the statement for its values.</param>
    /// <param name="place">The place.</param>
    /// <param name="rows">How many changes at the most.</param>
    public static Statement Page(TableSql sql, HistoryTable history, Func<Statement, IEnumerable<string>> conditionsOf, HistoryPlace place, int rows)
    {
        var statement = new Statement();
        string Text(string value) => statement.Add(value, NpgsqlDbType.Text);
        string Number(long value) => statement.Add(value, NpgsqlDbType.Bigint);
        string seen = $"{Text(place.Seen)}::pg_snapshot";
        // Not pg_visible_in_snapshot: these an index can answer, however long the oldest transaction goes on.
        string unseen = $"x.transaction_id >= pg_snapshot_xmax({seen}) or x.transaction_id = any(array(select pg_snapshot_xip({seen})))";
        if (place.Above is { } above)
        {
            unseen += $" or (x.id > {Number(above)} and x.changed_at > {statement.Add(place.Begun.At, NpgsqlDbType.TimestampTz)})";
        }

        List<string> conditions =
        [
            $"({unseen})",
            "x.transaction_id < pg_snapshot_xmax(pg_current_snapshot())",
            "x.to_status is not null",
        ];
        if (place.Target is { } target)
        {
            conditions.Add($"pg_visible_in_snapshot(x.transaction_id, {Text(target)}::pg_snapshot)");
            conditions.Add($"x.id > {Number(place.LastId)}");
        }

        if (place.Floor > 0)
        {
            conditions.Add($"(x.id > {Number(place.Floor)} or x.transaction_id < {Text(place.Begun.Transaction)}::xid8)");
        }

        conditions.AddRange(conditionsOf(statement));
        statement.Text = sql.Changes(history.QualifiedName, string.Join("\n    and ", conditions), $"limit {Number(rows)}");
        return statement;
    }
}
