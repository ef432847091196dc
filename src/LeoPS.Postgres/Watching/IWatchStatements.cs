using LeoPS.Postgres.Connections;
using LeoPS.Postgres.History;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using Npgsql;

namespace LeoPS.Postgres.Watching;

/// <summary>What a watcher needs to know of its table.</summary>
internal interface IWatchStatements<TRow, TWatch>
    where TRow : class
{
    /// <summary>The history of its status changes.</summary>
    HistoryTable History { get; }

    /// <summary>The columns that say when a row changed, for messages.</summary>
    string Stamps { get; }

    /// <summary>The statements for the live table.</summary>
    TableSql For(RelationShape shape);

    /// <summary>Which changes are meant, x being one.</summary>
    IEnumerable<string> Conditions(TWatch watch, Statement statement);

    /// <summary>Reads the rows that are meant and have a stamp behind a time, in its order.</summary>
    Statement StampedAfter(DateTime time, RelationShape shape, TWatch watch);

    /// <summary>Makes objects of the rows.</summary>
    RowReader<TRow> Reader(NpgsqlDataReader reader);

    /// <summary>The row, and what is another when the row is.</summary>
    (Guid Id, object Version) VersionOf(TRow row);

    /// <summary>The row with the status of a change that others have followed; null where no object can have that status.</summary>
    TRow? AsOf(TRow row, string status);
}
