using LeoPS.Postgres.Connections;
using Npgsql;

namespace LeoPS.Postgres.Statements;

/// <summary>
/// Sends again what the server ended to break a deadlock or a serialization conflict, after a random delay whose limit doubles each time. One
/// object counts the conflicts of one statement or transaction.
/// </summary>
/// <param name="scope">Whose log gets a line per conflict.</param>
/// <param name="repeated">What is done again, for the log.</param>
internal sealed class TransientRetry(StatementScope scope, string repeated)
{
    private const int MaxConflicts = 8;
    private const int ShortestDelayMs = 5;

    private int _conflicts;

    /// <summary>True for a failure after which the same work is worth another attempt.</summary>
    public bool Takes(PostgresException failure) => PostgresErrors.IsTransient(failure.SqlState) && _conflicts < MaxConflicts;

    /// <summary>Counts the conflict and waits, so that the other session gets ahead.</summary>
    public Task DelayAsync(PostgresException failure, CancellationToken cancellationToken)
    {
        _conflicts++;
        scope.Context.Log?.Invoke($"the server broke a deadlock or a serialization conflict ({failure.SqlState}): {repeated}");
        return Task.Delay(Random.Shared.Next(ShortestDelayMs, (2 * ShortestDelayMs) << _conflicts), cancellationToken);
    }
}
