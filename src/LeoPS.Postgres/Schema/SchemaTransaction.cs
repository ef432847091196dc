using System.Data;
using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.Postgres.Schema;

/// <summary>One transaction over the schema: the connection's settings hold inside it only, so that a transaction-mode pooler will do.</summary>
internal sealed class SchemaTransaction : IAsyncDisposable
{
    // Any number will do as long as every version of LeoPS takes the same one: "LeoPS" in ASCII.
    private const long InstallationLock = 0x4C656F5053;

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private SchemaTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        _connection = connection;
        _transaction = transaction;
    }

    /// <summary>The role that the statements run as.</summary>
    public string Role { get; private set; } = "";

    /// <summary>Number of round trips made so far.</summary>
    public int RoundTrips { get; private set; }

    /// <summary>Begins a transaction with an empty search_path, so that the server prints every name qualified.</summary>
    public static async Task<SchemaTransaction> BeginAsync(
        ConnectionSource source, ConnectionSettings settings, CallContext context, CancellationToken cancellationToken)
    {
        var connection = await source.OpenAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Read committed, whatever the server's default: what a waiting installation reads must be what the one before it left.
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken).ConfigureAwait(false);
            var begun = new SchemaTransaction(connection, transaction);
            await begun.ConfigureAsync(settings, context, cancellationToken).ConfigureAwait(false);
            return begun;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits until no other installation runs in this database, and keeps later ones waiting until the end.</summary>
    public Task LockAsync(CancellationToken cancellationToken) =>
        ExecuteAsync([$"select pg_advisory_xact_lock({InstallationLock})"], cancellationToken);

    /// <summary>Runs statements in one round trip; the first refusal ends the transaction.</summary>
    /// <returns>Rows affected by all of them.</returns>
    public async Task<int> ExecuteAsync(IEnumerable<string> statements, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(_connection, _transaction) { Timeout = 0 };
        await using (batch.ConfigureAwait(false))
        {
            foreach (var statement in statements)
            {
                batch.BatchCommands.Add(new NpgsqlBatchCommand(statement));
            }

            RoundTrips++;
            return await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs one statement under a savepoint.</summary>
    /// <returns>Null where it worked; otherwise why the server refused it, and the transaction stands as before.</returns>
    public async Task<PostgresException?> TryAsync(string statement, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(["savepoint item", statement, "release savepoint item"], cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (PostgresException refusal) when (!IsFatal(refusal))
        {
            await ExecuteAsync(["rollback to savepoint item", "release savepoint item"], cancellationToken).ConfigureAwait(false);
            return refusal;
        }
    }

    /// <summary>The rows of a query, each as what <paramref name="read"/> makes of it.</summary>
    public async Task<List<T>> QueryAsync<T>(string sql, object[] parameters, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, _connection, _transaction) { CommandTimeout = 0 };
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.AddRange(parameters.Select(value => new NpgsqlParameter { Value = value }).ToArray());
            RoundTrips++;
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var rows = new List<T>();
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    rows.Add(read(reader));
                }

                return rows;
            }
        }
    }

    /// <summary>What the database has of some tables.</summary>
    public async Task<LiveSchema> InspectAsync(IEnumerable<string> tables, CancellationToken cancellationToken)
    {
        var live = new LiveSchema();
        var rows = await QueryAsync(
            SchemaFiles.Read("inspect.sql"),
            [tables.ToArray()],
            row => (row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetBoolean(4)),
            cancellationToken).ConfigureAwait(false);
        foreach (var (kind, table, name, definition, ours) in rows)
        {
            live.Add(kind, table, name, definition, ours);
        }

        return live;
    }

    /// <summary>Makes everything lasting.</summary>
    public Task CommitAsync(CancellationToken cancellationToken) => _transaction.CommitAsync(cancellationToken);

    /// <summary>Rolls back what was not committed, and gives the connection back.</summary>
    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    // After these the transaction has no future: lock timeouts, cancellations, shutdowns, lost disks, a read-only server.
    private static bool IsFatal(PostgresException refusal) =>
        refusal.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.LockNotAvailable
        || refusal.SqlState[..2] is "08" or "40" or "53" or "57" or "58" or "XX";

    private async Task ConfigureAsync(ConnectionSettings settings, CallContext context, CancellationToken cancellationToken)
    {
        Statement statement = SessionSettings.For(context, settings);
        statement.Text += ", set_config('search_path', '', true), current_user::text";
        await using var batch = new NpgsqlBatch(_connection, _transaction) { Timeout = 0 };
        statement.AppendTo(batch);
        RoundTrips++;
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        for (int i = 1; i < statement.Results; i++)
        {
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }

        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        Role = reader.GetString(reader.FieldCount - 1);
    }
}
