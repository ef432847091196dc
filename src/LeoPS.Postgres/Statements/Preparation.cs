using System.Collections.Concurrent;
using System.Data;
using Npgsql;

namespace LeoPS.Postgres.Statements;

/// <summary>
/// Statements that a server has planned for a connection and does not plan again. Only those that loops send again and again: a plan that is
/// kept knows nothing of the values.
/// </summary>
/// <param name="isDirect">Whether sessions are the server's own; null to find out.</param>
internal sealed class Preparation(bool? isDirect = null)
{
    /// <summary>Uses of a text before it is worth the round trips: a script that changes one row is gone by then.</summary>
    private const int WorthIt = 5;

    /// <summary>Uses of a text that could not be prepared before that is tried again: on a slow line, or for a login that lacks rights, it never can.</summary>
    private const int Rest = 1000;

    /// <summary>Texts that are counted; more than there are of ours.</summary>
    private const int MaxTexts = 200;

    /// <summary>What a table that somebody has locked may cost; the statement itself then waits as long as its caller allows.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(200);

    private static readonly ConcurrentDictionary<(string? Host, int Port), Preparation> _ofServers = new();

    private readonly ConcurrentDictionary<string, int> _uses = new();
    private bool? _isDirect = isDirect;

    /// <summary>That of the server, or the pooler, behind a connection.</summary>
    public static Preparation Of(NpgsqlConnection connection) => _ofServers.GetOrAdd((connection.Host, connection.Port), _ => new Preparation());

    /// <summary>True where the columns have changed under a plan that is kept, or the server has it no more: nothing was done, and it has to be planned again.</summary>
    public static bool IsStale(PostgresException failure) =>
        failure is { SqlState: PostgresErrorCodes.FeatureNotSupported, Routine: "RevalidateCachedQuery" } or { SqlState: PostgresErrorCodes.InvalidSqlStatementName };

    /// <summary>Prepares a batch whose statement has come often enough; leaves it alone where a pooler may hand it to another session.</summary>
    /// <param name="batch">The batch, with its statements.</param>
    /// <param name="text">The statement that decides.</param>
    /// <param name="cancellationToken">Stops it; nothing was done then.</param>
    public async Task PrepareAsync(NpgsqlBatch batch, string text, CancellationToken cancellationToken)
    {
        if (_isDirect == false || !IsDue(text))
        {
            return;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_patience);
        try
        {
            if (_isDirect ??= await IsDirectAsync(batch.Connection!, patience.Token).ConfigureAwait(false))
            {
                await batch.PrepareAsync(patience.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is PostgresException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            _uses[text] = -Rest;
            if (batch.Connection!.FullState != ConnectionState.Open)
            {
                throw;
            }

            // Then it goes as it is, with the time limits and the role of its call: the server looks at names as the login role here.
        }
    }

    private bool IsDue(string text) =>
        (_uses.ContainsKey(text) || _uses.Count < MaxTexts) && _uses.AddOrUpdate(text, 1, (_, uses) => Math.Min(uses + 1, WorthIt + 1)) > WorthIt;

    /// <summary>A pooler cannot tell its clients the process of a session that they share, and makes one up.</summary>
    private static async Task<bool> IsDirectAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select pg_backend_pid()", connection);
        return (int)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))! == connection.ProcessID;
    }
}
