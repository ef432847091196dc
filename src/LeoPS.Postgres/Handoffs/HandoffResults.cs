using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Handoffs;

/// <summary>What statements that write handoffs, and the looks behind them, give back.</summary>
internal static class HandoffResults
{
    /// <summary>Reads handoffs by id in a new snapshot.</summary>
    public static Task<IReadOnlyDictionary<Guid, Seen<HandoffPreparation>>> LookUpAsync(
        HandoffSql sql, StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        var statement = new Statement();
        statement.Text = sql.LookUp(statement.Add(ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid));
        return scope.RunAsync($"look again at {ids.Count} handoffs", statement, ReadSeenAsync, seen => seen.Count, cancellationToken);
    }

    /// <summary>
    /// Whole rows with their places. Not to be cancelled: by the first returned row the server has written all of them, and a stop must not
    /// lose which.
    /// </summary>
    public static Task<IReadOnlyList<Written<HandoffPreparation>>> ReadWrittenAsync(NpgsqlDataReader reader) =>
        ReadAsync(reader, (item, next) => new Written<HandoffPreparation>(reader.GetInt32(next), item.Row, item.Error), CancellationToken.None);

    /// <summary>Whole rows; for whoever knows their places by their ids. Not to be cancelled, either.</summary>
    public static Task<IReadOnlyList<ReadItem<HandoffPreparation>>> ReadMadeAsync(NpgsqlDataReader reader) => ReadAsync(reader, (item, _) => item, CancellationToken.None);

    private static async Task<IReadOnlyDictionary<Guid, Seen<HandoffPreparation>>> ReadSeenAsync(NpgsqlDataReader reader, CancellationToken cancellationToken) =>
        (await ReadAsync(reader, (item, next) => new Seen<HandoffPreparation>(item.Row, reader.GetBoolean(next)), cancellationToken).ConfigureAwait(false)).ToDictionary(s => s.Row.Id);

    private static async Task<IReadOnlyList<T>> ReadAsync<T>(NpgsqlDataReader reader, Func<ReadItem<HandoffPreparation>, int, T> make, CancellationToken cancellationToken)
    {
        var rows = new HandoffRowReader(reader);
        var made = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            made.Add(make(rows.Read(), rows.Next));
        }

        return made;
    }
}
