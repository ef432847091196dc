using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.History;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using NpgsqlTypes;

namespace LeoPS.Postgres.Handoffs;

/// <summary>exec_handoff_preparations over Npgsql.</summary>
internal sealed class HandoffStore(IScopeSource scopes, string role)
    : TableStore<HandoffSql>(new(HandoffColumns.Table, shape => new HandoffSql(shape)), scopes, role), IHandoffStore
{
    public IAsyncEnumerable<IReadOnlyList<ReadItem<HandoffPreparation>>> ReadAsync(HandoffQuery query, CallContext context, CancellationToken cancellationToken) =>
        ReadRowsAsync(sql => new HandoffReadStatements(sql), query, context, cancellationToken);

    public Task<long> CountAsync(HandoffFilter filter, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        () => RowCount.RunAsync(Scopes.For(context), HandoffColumns.Definition, statement => HandoffFilterSql.Where(filter, statement), cancellationToken), cancellationToken);

    public Task<IReadOnlyList<HandoffMeasure>> MeasureAsync(
        HandoffFilter filter, IReadOnlyList<HandoffGroup> groupBy, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            StatementScope scope = Scopes.For(context);
            long histories = await scope.RunAsync(
                "look for the history", HistorySql.Readable(HistoryTable.Handoffs), Results.CountAsync, n => n, cancellationToken).ConfigureAwait(false);
            MeasureBasis basis = histories == 0 ? MeasureBasis.Rows : MeasureBasis.History;
            return await scope.RunAsync(
                "measure handoffs",
                HandoffMeasureSql.Measure(filter, groupBy, basis),
                (reader, token) => new HandoffMeasureReader(reader, groupBy, basis).AllAsync(token),
                m => m.Count,
                cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<IReadOnlyList<string>> FindUnknownSdsAsync(IReadOnlyList<string> sdIds, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        () =>
        {
            var statement = new Statement(HandoffSql.UnknownSds);
            statement.Add(sdIds.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
            return Scopes.For(context).RunAsync("look for unknown SDs", statement, Results.TextsAsync, t => t.Count, cancellationToken);
        },
        cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> ChangeAsync(
        StatusMove<HandoffStatus> move, IReadOnlyList<StatusChange<HandoffPreparation>> batch, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () => (IReadOnlyList<ChangeOutcome<HandoffPreparation>>)await ApplyAsync(move, Scopes.For(context, move.ReasonLine), batch, LockMode.AsMet, cancellationToken).ConfigureAwait(false),
        cancellationToken);

    public Task<AtomicResult<HandoffPreparation>> ChangeAtomicallyAsync(
        StatusMove<HandoffStatus> move, IReadOnlyList<StatusChange<HandoffPreparation>> changes, int batchSize, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            _ = await Sql.ForAsync(Scopes.For(context), cancellationToken).ConfigureAwait(false);
            return await new AtomicRun(Scopes.For(context, move.ReasonLine)).ApplyAsync(
                (scope, part, token) => ApplyAsync(move, scope, part, LockMode.InOrder, token),
                changes,
                Enumerable.Range(0, changes.Count).OrderBy(i => changes[i].Id),
                batchSize,
                cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<SelectionResult<HandoffPreparation>> ChangeSelectionAsync(
        StatusMove<HandoffStatus> move, HandoffFilter filter, bool atomic, bool returnRows, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            StatementScope scope = Scopes.For(context, move.ReasonLine);
            var run = new SelectionChange(
                await Sql.ForAsync(scope, cancellationToken).ConfigureAwait(false), scope, Role, changes => ApplyAllAsync(move, scope, changes, atomic, cancellationToken));
            return await run.ApplyAsync(move, filter, atomic, returnRows, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Moves rows batch by batch, or all or none.</summary>
    private async Task<AtomicResult<HandoffPreparation>> ApplyAllAsync(
        StatusMove<HandoffStatus> move, StatementScope scope, IReadOnlyList<StatusChange<HandoffPreparation>> changes, bool atomic, CancellationToken cancellationToken)
    {
        const int BatchSize = 1000;
        if (atomic)
        {
            return await new AtomicRun(scope).ApplyAsync(
                (inside, part, token) => ApplyAsync(move, inside, part, LockMode.InOrder, token),
                changes,
                Enumerable.Range(0, changes.Count),
                BatchSize,
                cancellationToken).ConfigureAwait(false);
        }

        var outcomes = new List<ChangeOutcome<HandoffPreparation>>();
        foreach (StatusChange<HandoffPreparation>[] batch in changes.Chunk(BatchSize))
        {
            outcomes.AddRange(await ApplyAsync(move, scope, batch, LockMode.AsMet, cancellationToken).ConfigureAwait(false));
        }

        return new AtomicResult<HandoffPreparation>(true, outcomes);
    }

    private async Task<ChangeOutcome<HandoffPreparation>[]> ApplyAsync(
        StatusMove<HandoffStatus> move, StatementScope scope, IReadOnlyList<StatusChange<HandoffPreparation>> batch, LockMode mode, CancellationToken cancellationToken)
    {
        var statements = new HandoffChangeStatements(await Sql.ForAsync(scope, cancellationToken).ConfigureAwait(false), move);
        var work = new StatusChangeWork<StatusChange<HandoffPreparation>, HandoffPreparation, HandoffStatus>(statements, move, Role);
        return await new BatchRunner<StatusChange<HandoffPreparation>, HandoffPreparation>(work, Role, mode).ApplyAsync(scope, batch, cancellationToken).ConfigureAwait(false);
    }
}
