using LeoPS.Ports;
using Npgsql;

namespace LeoPS.Postgres.Statements;

/// <summary>Statements on one connection that is kept between them, each in an implicit transaction with its settings.</summary>
internal sealed class HeldScope(NpgsqlConnection connection, ConnectionSettings settings, CallContext context) : StatementScope(context)
{
    public override bool CommitsEach => true;

    protected override async Task<OpenStatement> StartAsync(Statement statement, CancellationToken cancellationToken)
    {
        var open = new OpenStatement(connection, settings.PoolerMode == PoolerMode.Session, LetGoAsync);
        (string? begin, string? commit) = SessionSettings.Transaction(settings);
        try
        {
            await open.StartAsync(begin, SessionSettings.For(Context, settings), statement, commit, cancellationToken).ConfigureAwait(false);
            return open;
        }
        catch
        {
            await open.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <exception cref="NotSupportedException">Always: the statements of watchers and keepers stand each for itself.</exception>
    public override Task<T> InTransactionAsync<T>(Func<StatementScope, Task<T>> work, Func<T, bool>? keep, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>A transaction that was begun by a command outlives the statement that failed in it.</summary>
    private async ValueTask LetGoAsync(StatementEnd end)
    {
        if (end == StatementEnd.BrokenOff && settings.BeginsTransactions && connection.State == System.Data.ConnectionState.Open)
        {
            await using var rollback = new NpgsqlCommand("rollback", connection);
            await rollback.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
