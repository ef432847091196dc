using LeoPS.Ports;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.Postgres.Owners;

/// <summary>Statements of a keeper on its one connection, each in an implicit transaction with its settings.</summary>
internal sealed class KeeperScope(NpgsqlConnection connection, ConnectionSettings settings, CallContext context, string? reason = null) : StatementScope(context)
{
    public override bool CommitsEach => true;

    public override async Task<OpenStatement> OpenAsync(Statement statement, CancellationToken cancellationToken)
    {
        var open = new OpenStatement(connection, _ => ValueTask.CompletedTask);
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

    public override Task<T> InTransactionAsync<T>(Func<StatementScope, Task<T>> work, Func<T, bool>? keep, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A keeper's statements stand each for itself.");
}
