using LeoPS.Ports;

namespace LeoPS.Postgres.Statements;

/// <summary>All statements in one transaction, each behind a savepoint: one that fails or is stopped leaves the transaction usable.</summary>
/// <param name="transaction">The transaction.</param>
/// <param name="context">The call.</param>
/// <param name="inTurn">True where whoever made this scope has the connection for itself.</param>
internal sealed class TransactionScope(OpenTransaction transaction, CallContext context, bool inTurn = false) : StatementScope(context)
{
    private const string Savepoint = "leops";
    private const string PartSavepoint = "leops_part";

    public override bool CommitsEach => false;

    protected override async Task<OpenStatement> StartAsync(Statement statement, CancellationToken cancellationToken)
    {
        IDisposable? turn = inTurn ? null : await transaction.TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        Statement? settings = transaction.SettingsFor(Context);
        var open = new OpenStatement(transaction.Connection, keepsSession: false, end => LetGoAsync(end, turn));
        try
        {
            await open.StartAsync($"savepoint {Savepoint}", settings, statement, $"release savepoint {Savepoint}", cancellationToken).ConfigureAwait(false);
            return open;
        }
        catch (Exception e)
        {
            LeoException? loss = transaction.Note(e);
            await open.DisposeAsync().ConfigureAwait(false);
            if (loss is not null)
            {
                throw loss;
            }

            throw;
        }
    }

    public override async Task CheckConstraintsAtOnceAsync(CancellationToken cancellationToken)
    {
        using IDisposable? turn = inTurn ? null : await transaction.TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        await transaction.SayAsync("set constraints all immediate", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A part of the transaction, behind a savepoint of its own; nothing else runs between its statements.</summary>
    public override async Task<T> InTransactionAsync<T>(Func<StatementScope, Task<T>> work, Func<T, bool>? keep, CancellationToken cancellationToken)
    {
        using IDisposable? turn = inTurn ? null : await transaction.TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        await transaction.SayAsync($"savepoint {PartSavepoint}", cancellationToken).ConfigureAwait(false);
        bool done = false;
        try
        {
            T result = await work(new TransactionScope(transaction, Context, inTurn: true)).ConfigureAwait(false);
            done = keep is null || keep(result);
            return result;
        }
        finally
        {
            if (transaction.Connection.State == System.Data.ConnectionState.Open)
            {
                if (!done)
                {
                    await transaction.SayAsync($"rollback to savepoint {PartSavepoint}", CancellationToken.None).ConfigureAwait(false);
                    transaction.ForgetSettings();
                }

                await transaction.SayAsync($"release savepoint {PartSavepoint}", CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask LetGoAsync(StatementEnd end, IDisposable? turn)
    {
        try
        {
            if (end == StatementEnd.BrokenOff && transaction.Connection.State == System.Data.ConnectionState.Open)
            {
                await transaction.SayAsync($"rollback to savepoint {Savepoint}", CancellationToken.None).ConfigureAwait(false);
            }

            if (end != StatementEnd.Finished)
            {
                transaction.ForgetSettings();
            }
        }
        finally
        {
            turn?.Dispose();
        }
    }
}
