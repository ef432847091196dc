using LeoPS.Ports;
using Npgsql;

namespace LeoPS.Postgres.Statements;

/// <summary>Statements on one connection that is kept between them, each in an implicit transaction with its settings.</summary>
internal sealed class HeldScope(NpgsqlConnection connection, ConnectionSettings settings, CallContext context, string? reason = null) : StatementScope(context)
{
    public override bool CommitsEach => true;

    protected override async Task<OpenStatement> StartAsync(Statement statement, CancellationToken cancellationToken)
    {
        var open = new OpenStatement(connection, settings.PoolerMode == PoolerMode.Session, _ => ValueTask.CompletedTask);
        try
        {
            await open.StartAsync(null, SessionSettings.For(Context, settings, reason), statement, null, cancellationToken).ConfigureAwait(false);
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
}
