using LeoPS.Ports;
using LeoPS.Postgres.Access;
using LeoPS.Postgres.Connections;
using Npgsql;

namespace LeoPS.Postgres.Statements;

/// <summary>Each statement on a pooled connection, in an implicit transaction with its settings: one round trip.</summary>
internal sealed class PooledScope(ConnectionSource source, ConnectionSettings settings, CallContext context) : StatementScope(context)
{
    /// <summary>How often a statement is sent whose session ends before it could run.</summary>
    private const int MaxAttempts = 3;

    public override bool CommitsEach => true;

    public override StatementScope On(NpgsqlConnection connection) => new HeldScope(connection, settings, Context);

    protected override async Task<OpenStatement> StartAsync(Statement statement, CancellationToken cancellationToken)
    {
        (string? begin, string? commit) = SessionSettings.Transaction(settings);
        for (int attempt = 1; ; attempt++)
        {
            NpgsqlConnection connection = await source.OpenAsync(cancellationToken, Context.Log).ConfigureAwait(false);
            var open = new OpenStatement(connection, settings.PoolerMode == PoolerMode.Session, _ => connection.DisposeAsync());
            try
            {
                await open.StartAsync(begin, SessionSettings.For(Context, settings), statement, commit, cancellationToken).ConfigureAwait(false);
                return open;
            }
            catch (Exception e)
            {
                await open.DisposeAsync().ConfigureAwait(false);
                if (attempt == MaxAttempts || open.IsAnswered || !PostgresErrors.IsEndOfSession(e))
                {
                    throw;
                }
            }

            Context.Log?.Invoke("the server ended the idle session before it ran the statement: sending it again over a new connection");
        }
    }

    public override async Task<T> InTransactionAsync<T>(Func<StatementScope, Task<T>> work, Func<T, bool>? keep, CancellationToken cancellationToken)
    {
        await using OpenTransaction transaction = await OpenTransaction.BeginAsync(source, settings, cancellationToken, Context.Log).ConfigureAwait(false);
        T result = await work(new TransactionScope(transaction, Context)).ConfigureAwait(false);
        if (keep is null || keep(result))
        {
            try
            {
                await transaction.CommitAsync().ConfigureAwait(false);
            }
            catch (PostgresException refusal) when (refusal.ConstraintName is not null)
            {
                await ConstraintExplainer.FindAsync(this, refusal, cancellationToken).ConfigureAwait(false);
                throw;
            }
        }
        else
        {
            await transaction.RollbackAsync().ConfigureAwait(false);
        }

        return result;
    }
}
