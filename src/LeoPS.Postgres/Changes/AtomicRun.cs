using LeoPS.Changes;
using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.Postgres.Changes;

/// <summary>Carries out a bulk change as one transaction: rows sorted by id, cut into statements, all or nothing.</summary>
internal sealed class AtomicRun(NpgsqlDataSource source, ConnectionSettings settings, CallContext context)
{
    private const int MaxTries = 5;

    public async Task<AtomicResult<TRow>> ApplyAsync<TRow>(
        Func<StatementScope, IReadOnlyList<StatusChange<TRow>>, CancellationToken, Task<ChangeOutcome<TRow>[]>> applyBatch,
        IReadOnlyList<StatusChange<TRow>> changes,
        int batchSize,
        CancellationToken cancellationToken)
        where TRow : class
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await TryAsync(applyBatch, changes, batchSize, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException e) when (PostgresErrors.IsTransient(e.SqlState) && attempt < MaxTries)
            {
                context.Log?.Invoke($"the server broke a deadlock or a serialization conflict ({e.SqlState}): repeating the transaction");
            }
        }
    }

    private async Task<AtomicResult<TRow>> TryAsync<TRow>(
        Func<StatementScope, IReadOnlyList<StatusChange<TRow>>, CancellationToken, Task<ChangeOutcome<TRow>[]>> applyBatch,
        IReadOnlyList<StatusChange<TRow>> changes,
        int batchSize,
        CancellationToken cancellationToken)
        where TRow : class
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (var batch = new NpgsqlBatch(connection))
        {
            batch.BatchCommands.Add(SessionSettings.For(context, settings).ToCommand());
            await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        var scope = new TransactionScope(connection, context);
        var outcomes = new ChangeOutcome<TRow>[changes.Count];
        int[] byId = [.. Enumerable.Range(0, changes.Count).OrderBy(i => changes[i].Id)];
        foreach (int[] places in byId.Chunk(batchSize))
        {
            StatusChange<TRow>[] part = Array.ConvertAll(places, i => changes[i]);
            ChangeOutcome<TRow>[] done = await applyBatch(scope, part, cancellationToken).ConfigureAwait(false);
            for (int i = 0; i < places.Length; i++)
            {
                outcomes[places[i]] = done[i];
            }
        }

        bool commit = Array.TrueForAll(outcomes, o => o.Kind != OutcomeKind.Failed);
        if (commit)
        {
            // Once COMMIT is sent its answer is waited for: a cancellation now would leave the outcome unknown.
            await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        }
        else
        {
            await transaction.RollbackAsync(CancellationToken.None).ConfigureAwait(false);
        }

        return new AtomicResult<TRow>(commit, outcomes);
    }
}
