using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Owners;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;

namespace LeoPS.Postgres.Executions;

/// <summary>crewai_flow_executions over Npgsql.</summary>
/// <param name="scopes">Where statements run.</param>
/// <param name="role">The role in force, for messages.</param>
/// <param name="keeper">Keeps the runs that this process owns; null in a transaction, which keeps them by itself.</param>
internal sealed class ExecutionStore(IScopeSource scopes, string role, RunKeeper? keeper)
    : TableStore<ExecutionSql>(new(ExecutionColumns.Table, shape => new ExecutionSql(shape)), scopes, role), IExecutionStore
{
    /// <summary>The reason in the history of a run that an edit ended.</summary>
    private const string OverBudget = "The run consumed more than its budget.";

    public IAsyncEnumerable<IReadOnlyList<ReadItem<FlowExecution>>> ReadAsync(ExecutionQuery query, CallContext context, CancellationToken cancellationToken)
    {
        IAsyncEnumerable<IReadOnlyList<ReadItem<FlowExecution>>> Read(ExecutionQuery asked, CancellationToken token) =>
            ReadRowsAsync(sql => new ExecutionReadStatements(sql), asked, context, token);
        return query.Filter.Orphaned
            ? PostgresErrors.GuardAsync(token => new OrphanSearch(Scopes.For(context)).ReadAsync(query, Read, token), Role, cancellationToken)
            : Read(query, cancellationToken);
    }

    public Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> StartAsync(
        RunStartRules rules, IReadOnlyList<IRowChange<Guid>> batch, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () => (IReadOnlyList<ChangeOutcome<FlowExecution>>)await StartAsync(rules, Scopes.For(context, rules.Move.ReasonLine), batch, LockMode.AsMet, cancellationToken).ConfigureAwait(false),
        cancellationToken);

    public Task<AtomicResult<FlowExecution>> StartAtomicallyAsync(
        RunStartRules rules, IReadOnlyList<IRowChange<Guid>> changes, int batchSize, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            StatementScope outside = Scopes.For(context);
            _ = await Sql.ForAsync(outside, cancellationToken).ConfigureAwait(false);
            IEnumerable<string> keys = changes.OfType<RunStart>().Select(s => s.FlowKey).OfType<string>().Distinct(StringComparer.Ordinal);
            Dictionary<string, Guid> flows = await RunStartStatements.FindFlowsAsync(outside, keys, cancellationToken).ConfigureAwait(false);
            // Flows first, then queued runs, each in the order of ids: the order in which everybody locks.
            IEnumerable<int> order = Enumerable.Range(0, changes.Count)
                .OrderBy(i => changes[i] is RunStart ? 0 : 1)
                .ThenBy(i => changes[i] is RunStart start ? start.FlowId ?? flows.GetValueOrDefault(start.FlowKey!) : changes[i].Id);
            return await new AtomicRun(Scopes.For(context, rules.Move.ReasonLine)).ApplyAsync(
                (scope, part, token) => StartAsync(rules, scope, part, LockMode.InOrder, token), changes, order, batchSize, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<IReadOnlyList<string>> GetColumnsAsync(CallContext context, CancellationToken cancellationToken) =>
        WithSqlAsync((_, sql) => Task.FromResult(sql.LiveColumns), context, cancellationToken);

    public Task<IReadOnlyList<StartSight>> LookAsync(IReadOnlyList<RunStart> starts, CallContext context, CancellationToken cancellationToken) =>
        WithSqlAsync((scope, sql) => new RunStartStatements(sql).LookAsync(scope, starts, cancellationToken), context, cancellationToken);

    public Task<IReadOnlyList<ExecutionMeasure>> MeasureAsync(MeasureRequest request, CallContext context, CancellationToken cancellationToken) => WithSqlAsync(
        (scope, sql) => scope.RunAsync(
            "measure executions",
            ExecutionMeasureSql.Measure(request, [.. sql.LiveColumns]),
            (reader, token) => new ExecutionMeasureReader(reader, request).AllAsync(token),
            m => m.Count,
            cancellationToken),
        context,
        cancellationToken);

    public Task<IReadOnlyList<WaitedRun>> LookForEndsAsync(IReadOnlyList<Guid> ids, CallContext context, CancellationToken cancellationToken) => WithSqlAsync(
        (scope, sql) => scope.RunAsync(
            $"look which of {ids.Count} executions have ended", new ExecutionReadStatements(sql).LookForEnds(ids), ExecutionReadStatements.ReadEndsAsync, e => e.Count, cancellationToken),
        context,
        cancellationToken);

    public Task<ClaimStep> ClaimAsync(RunClaim claim, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            StatementScope scope = Scopes.For(context, claim.Rules.Move.ReasonLine);
            return await Sql.WithRecentAsync(
                scope,
                sql => new RunClaimWork(new RunClaimStatements(sql, claim, keeper), claim, keeper, Role).ApplyAsync(scope, cancellationToken),
                cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<OwnedStart> StartOwnedAsync(RunStartRules rules, RunStart start, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            StatementScope scope = Scopes.For(context, rules.Move.ReasonLine);
            RunKeeper owner = keeper ?? throw LeoErrors.OwnedInTransaction();
            RunStartStatements statements = Starting(await Sql.ForAsync(scope, cancellationToken).ConfigureAwait(false), owner);
            return await new OwnedStartWork(statements, rules, owner, Role).ApplyAsync(scope, start, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public IOwnedRun? FindOwned(Guid id) => keeper?.Find(id);

    public Task<QueueSight> LookAtQueueAsync(RunClaim claim, CallContext context, CancellationToken cancellationToken) =>
        WithSqlAsync((scope, sql) => new RunClaimStatements(sql, claim, keeper).LookAsync(scope, cancellationToken), context, cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> ChangeAsync(
        StatusMove<ExecutionStatus> move, IReadOnlyList<ExecutionChange> batch, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () => (IReadOnlyList<ChangeOutcome<FlowExecution>>)await HoldAsync(
            batch,
            move,
            held => ChangeAsync(move, Scopes.For(context, move.ReasonLine), held, LockMode.AsMet, seize: false, cancellationToken),
            outcomes => outcomes,
            cancellationToken).ConfigureAwait(false),
        cancellationToken);

    public Task<AtomicResult<FlowExecution>> ChangeAtomicallyAsync(
        StatusMove<ExecutionStatus> move, IReadOnlyList<ExecutionChange> changes, int batchSize, CallContext context, CancellationToken cancellationToken) =>
        GuardAsync(() => ChangeAtomicallyAsync(move, changes, batchSize, seize: false, context, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> EditAsync(
        IReadOnlyList<ExecutionEdit> batch, bool force, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        () => HoldEditsAsync(
            batch,
            async held => (IReadOnlyList<ChangeOutcome<FlowExecution>>)await EditAsync(Scopes.For(context, OverBudget), held, force, LockMode.AsMet, cancellationToken).ConfigureAwait(false),
            outcomes => outcomes,
            cancellationToken),
        cancellationToken);

    public Task<AtomicResult<FlowExecution>> EditAtomicallyAsync(
        IReadOnlyList<ExecutionEdit> edits, bool force, int batchSize, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            _ = await Sql.ForAsync(Scopes.For(context), cancellationToken).ConfigureAwait(false);
            return await HoldEditsAsync(
                edits,
                held => new AtomicRun(Scopes.For(context, OverBudget)).ApplyAsync(
                    (scope, part, token) => EditAsync(scope, part, force, LockMode.InOrder, token),
                    held,
                    Enumerable.Range(0, held.Count).OrderBy(i => held[i].Id),
                    batchSize,
                    cancellationToken),
                result => result.Committed ? result.Outcomes : [],
                cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<long> CountAsync(ExecutionFilter filter, CallContext context, CancellationToken cancellationToken) =>
        GuardAsync(() => Selection(context).CountAsync(filter, cancellationToken), cancellationToken);

    public IAsyncEnumerable<IReadOnlyList<ChangeOutcome<FlowExecution>>> ChangeSelectedAsync(
        StatusMove<ExecutionStatus> move, ExecutionFilter filter, int batchSize, CallContext context, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        token => Selection(context).ChangeAsync(
            move,
            filter,
            batchSize,
            (batch, mode) => HoldAsync(batch, move, held => ChangeAsync(move, Scopes.For(context, move.ReasonLine), held, mode, filter.Orphaned, token), outcomes => outcomes, token),
            token),
        Role,
        cancellationToken);

    public Task<AtomicResult<FlowExecution>> ChangeSelectedAtomicallyAsync(
        StatusMove<ExecutionStatus> move, ExecutionFilter filter, int batchSize, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        () => Selection(context).ChangeAtomicallyAsync(
            move, filter, changes => ChangeAtomicallyAsync(move, changes, batchSize, filter.Orphaned, context, cancellationToken), cancellationToken),
        cancellationToken);

    private async Task<ChangeOutcome<FlowExecution>[]> EditAsync(
        StatementScope scope, IReadOnlyList<ExecutionEdit> batch, bool force, LockMode mode, CancellationToken cancellationToken)
    {
        ExecutionSql sql = await Sql.ForAsync(scope, cancellationToken).ConfigureAwait(false);
        return await new BatchRunner<ExecutionEdit, FlowExecution>(new ExecutionEditWork(sql, force, Role), Role, mode).ApplyAsync(scope, batch, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Edits runs, of which this process may own some: what its own keeper wrote is no change of others, and what is over its budget has no owner.</summary>
    private async Task<T> HoldEditsAsync<T>(
        IReadOnlyList<ExecutionEdit> edits,
        Func<IReadOnlyList<ExecutionEdit>, Task<T>> work,
        Func<T, IReadOnlyList<ChangeOutcome<FlowExecution>>> outcomesOf,
        CancellationToken cancellationToken)
    {
        if (keeper is null)
        {
            return await work(edits).ConfigureAwait(false);
        }

        ExecutionChange[] changes = [.. edits.Select(e => new ExecutionChange(e.Id, e.Known, null, e.Source, RunValues.None))];
        (IReadOnlyList<ExecutionChange> held, IDisposable? hold) = await keeper.HoldAsync(changes, cancellationToken).ConfigureAwait(false);
        using (hold)
        {
            T result = await work([.. edits.Zip(held, (edit, change) => edit with { Known = change.Guard })]).ConfigureAwait(false);
            keeper.Ended(
                outcomesOf(result).Where(o => o.Error?.ErrorId == LeoErrorId.ExecutionCancelled).Select(o => o.Row!.Id), ExecutionStatus.Cancelled, "it consumed more than its budget");
            return result;
        }
    }

    private RunSelection Selection(CallContext context) => new(Scopes.For(context), query => ReadAsync(query, context, CancellationToken.None));

    /// <summary>Changes runs, of which this process may own some: what its own keeper wrote is no change of others, and what has ended has no owner.</summary>
    private async Task<T> HoldAsync<T>(
        IReadOnlyList<ExecutionChange> changes,
        StatusMove<ExecutionStatus> move,
        Func<IReadOnlyList<ExecutionChange>, Task<T>> work,
        Func<T, IReadOnlyList<ChangeOutcome<FlowExecution>>> outcomesOf,
        CancellationToken cancellationToken)
    {
        if (keeper is null)
        {
            return await work(changes).ConfigureAwait(false);
        }

        (IReadOnlyList<ExecutionChange> held, IDisposable? hold) = await keeper.HoldAsync(changes, cancellationToken).ConfigureAwait(false);
        using (hold)
        {
            T result = await work(held).ConfigureAwait(false);
            if (move.Table.IsTerminal(move.Target))
            {
                keeper.Ended(outcomesOf(result).Select(o => o.Row?.Id).OfType<Guid>(), move.Target);
            }

            return result;
        }
    }

    private async Task<AtomicResult<FlowExecution>> ChangeAtomicallyAsync(
        StatusMove<ExecutionStatus> move, IReadOnlyList<ExecutionChange> changes, int batchSize, bool seize, CallContext context, CancellationToken cancellationToken)
    {
        _ = await Sql.ForAsync(Scopes.For(context), cancellationToken).ConfigureAwait(false);
        return await HoldAsync(
            changes,
            move,
            held => new AtomicRun(Scopes.For(context, move.ReasonLine)).ApplyAsync(
                (scope, part, token) => ChangeAsync(move, scope, part, seize ? LockMode.SkipHeld : LockMode.InOrder, seize, token),
                held,
                Enumerable.Range(0, held.Count).OrderBy(i => held[i].Id),
                batchSize,
                cancellationToken),
            result => result.Committed ? result.Outcomes : [],
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>New runs and queued ones, each kind in its own statements.</summary>
    private Task<ChangeOutcome<FlowExecution>[]> StartAsync(
        RunStartRules rules, StatementScope scope, IReadOnlyList<IRowChange<Guid>> batch, LockMode mode, CancellationToken cancellationToken) =>
        PartlyDone.RunAsync<FlowExecution>(
            scope,
            batch,
            rules.Move.Table.Noun,
            Role,
            async outcomes =>
            {
                int[] starts = [.. Enumerable.Range(0, batch.Count).Where(i => batch[i] is RunStart)];
                int[] queued = [.. Enumerable.Range(0, batch.Count).Where(i => batch[i] is ExecutionChange)];
                if (starts.Length > 0)
                {
                    RunStartStatements statements = Starting(await Sql.ForAsync(scope, cancellationToken).ConfigureAwait(false));
                    var runner = new BatchRunner<RunStart, FlowExecution>(new RunStartWork(statements, rules, Role), Role, mode);
                    Put(outcomes, starts, await runner.ApplyAsync(scope, Array.ConvertAll(starts, i => (RunStart)batch[i]), cancellationToken).ConfigureAwait(false));
                }

                if (queued.Length > 0)
                {
                    Put(outcomes, queued, await ChangeAsync(rules.Move, scope, Array.ConvertAll(queued, i => (ExecutionChange)batch[i]), mode, seize: false, cancellationToken).ConfigureAwait(false));
                }
            },
            cancellationToken);

    private async Task<ChangeOutcome<FlowExecution>[]> ChangeAsync(
        StatusMove<ExecutionStatus> move, StatementScope scope, IReadOnlyList<ExecutionChange> batch, LockMode mode, bool seize, CancellationToken cancellationToken)
    {
        Task<ChangeOutcome<FlowExecution>[]> ApplyAsync(ExecutionSql sql)
        {
            var work = new StatusChangeWork<ExecutionChange, FlowExecution, ExecutionStatus>(new ExecutionChangeStatements(sql, move, seize), move, Role);
            return new BatchRunner<ExecutionChange, FlowExecution>(work, Role, mode).ApplyAsync(scope, batch, cancellationToken);
        }

        // A worker ends what it has just claimed.
        return keeper is not null && batch.All(c => keeper.Find(c.Id) is not null)
            ? await Sql.WithRecentAsync(scope, ApplyAsync, cancellationToken).ConfigureAwait(false)
            : await ApplyAsync(await Sql.ForAsync(scope, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private RunStartStatements Starting(ExecutionSql sql, RunKeeper? owner = null) =>
        new(sql, owner, new AdditionalColumnBatch<RunStart>(ExecutionColumns.WithGovernance, s => s.AdditionalColumns, Sql.ColumnsAsync));

    private static void Put(ChangeOutcome<FlowExecution>[] outcomes, int[] places, ChangeOutcome<FlowExecution>[] done)
    {
        for (int i = 0; i < places.Length; i++)
        {
            outcomes[places[i]] = done[i];
        }
    }
}
