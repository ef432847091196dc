using System.Diagnostics;
using LeoPS.Ports;
using Npgsql;

namespace LeoPS.Postgres.Statements;

/// <summary>Where statements run: each in a transaction of its own, or all in one. Throws what Npgsql throws.</summary>
internal abstract class StatementScope(CallContext context)
{
    public CallContext Context => context;

    /// <summary>True where each statement is committed by itself; false where a failure takes all of them back.</summary>
    public abstract bool CommitsEach { get; }

    /// <summary>Runs one statement and reads its rows.</summary>
    /// <param name="shape">What it does, for the verbose stream: never a value.</param>
    public async Task<T> RunAsync<T>(string shape, Statement statement, Func<NpgsqlDataReader, CancellationToken, Task<T>> read, Func<T, long> count, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        T result = await ExecuteAsync(statement, read, cancellationToken).ConfigureAwait(false);
        context.Log?.Invoke($"{shape}: {count(result)} rows, {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms");
        return result;
    }

    /// <summary>Runs several statements as one transaction; a failure takes all of them back.</summary>
    public abstract Task<T> InTransactionAsync<T>(Func<StatementScope, Task<T>> work, CancellationToken cancellationToken);

    protected abstract Task<T> ExecuteAsync<T>(Statement statement, Func<NpgsqlDataReader, CancellationToken, Task<T>> read, CancellationToken cancellationToken);
}
