using System.Diagnostics;
using LeoPS.Ports;
using LeoPS.Postgres.Access;
using LeoPS.Postgres.Connections;
using Npgsql;

namespace LeoPS.Postgres.Statements;

/// <summary>Where the statements of one call run: each in a transaction of its own, or all in one. Throws what Npgsql throws.</summary>
internal abstract class StatementScope(CallContext context)
{
    public CallContext Context => context;

    /// <summary>True where each statement is committed by itself; false where a failure takes all of them back.</summary>
    public abstract bool CommitsEach { get; }

    /// <summary>Runs a statement and leaves its reader open: for streams.</summary>
    /// <exception cref="LeoException">
    /// Forbidden where the role lacks a right to a table, with the rights that it has; ReadOnlyConnection, with its cause.
    /// </exception>
    public async Task<OpenStatement> OpenAsync(Statement statement, CancellationToken cancellationToken)
    {
        try
        {
            return await StartAsync(statement, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refusal) when (PostgresErrors.IsMissingRight(refusal))
        {
            throw await AccessLook.ExplainAsync(this, statement, refusal, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refusal) when (refusal.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction)
        {
            throw await ReadOnlyCause.ExplainAsync(this, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs several statements as one transaction; a failure takes all of them back.</summary>
    /// <param name="work">The statements.</param>
    /// <param name="keep">Whether what came of them is kept; null keeps it.</param>
    /// <param name="cancellationToken">Takes them back; not looked at once COMMIT is sent.</param>
    public abstract Task<T> InTransactionAsync<T>(Func<StatementScope, Task<T>> work, Func<T, bool>? keep, CancellationToken cancellationToken);

    /// <summary>The same call, with the same settings, on a connection that somebody else keeps.</summary>
    public virtual StatementScope On(NpgsqlConnection connection) => throw new NotSupportedException("The statements of a transaction stay in it.");

    /// <summary>From now on each statement of the transaction is refused by constraints that would otherwise refuse its COMMIT.</summary>
    public virtual Task CheckConstraintsAtOnceAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException("Statements that are committed one by one are checked one by one.");

    /// <summary>Sends a statement, and stands before its first row.</summary>
    protected abstract Task<OpenStatement> StartAsync(Statement statement, CancellationToken cancellationToken);

    /// <summary>Runs one statement and reads its rows.</summary>
    /// <param name="shape">What it does, for the verbose stream: never a value.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="read">Reads its rows.</param>
    /// <param name="count">How many they are, for the verbose stream.</param>
    /// <param name="cancellationToken">Cancels it on the server.</param>
    public async Task<T> RunAsync<T>(string shape, Statement statement, Func<NpgsqlDataReader, CancellationToken, Task<T>> read, Func<T, long> count, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        T result;
        try
        {
            await using OpenStatement open = await OpenAsync(statement, cancellationToken).ConfigureAwait(false);
            result = await read(open.Reader, cancellationToken).ConfigureAwait(false);
            await open.FinishAsync().ConfigureAwait(false);
        }
        catch (PostgresException refusal) when (refusal.ConstraintName is not null)
        {
            await ConstraintExplainer.FindAsync(this, refusal, cancellationToken).ConfigureAwait(false);
            throw;
        }

        context.Log?.Invoke($"{shape}: {count(result)} rows, {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms");
        return result;
    }
}
