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

    private BatchWriter<ExecutionSql, FlowExecution> Writer => new(Sql, Scopes, ExecutionTransitions.Table.Noun, Role);

    public IAsyncEnumerable<IReadOnlyList<ReadItem<FlowExecution>>> ReadAsync(ExecutionQuery query, CallContext context, CancellationToken cancellationToken)
    {
        IAsyncEnumerable<IReadOnlyList<ReadItem<FlowExecution>>> Read(ExecutionQuery asked, CancellationToken token) =>
            ReadRowsAsync(sql => new ExecutionReadStatements(sql), asked, context, token);
        return query.Filter.Orphaned
            ? PostgresErrors.GuardAsync(token => new OrphanSearch(Scopes.For(context)).ReadAsync(query, Read, token), Role, cancellationToken)
            : Read(query, cancellationToken);
    }

    public Task<BulkResult<FlowExecution>> StartAsync(
        RunStartRules rules, IReadOnlyList<IRowChange<Guid>> changes, BulkOptions options, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            IEnumerable<int>? order = options.IsAtomic ? await StartOrderAsync(Scopes.For(context), changes, cancellationToken).ConfigureAwait(false) : null;
            return await Writer.WriteAsync(
                (scope, batch, mode, token) => StartAsync(rules, scope, batch, mode, token),
                changes,
                options,
                context with { Reason = rules.Move.ReasonLine },
                cancellationToken,
                order).ConfigureAwait(false);
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
            StatementScope scope = Scopes.For(context with { Reason = claim.Rules.Move.ReasonLine });
            return await Sql.WithRecentAsync(
                scope,
                sql => new RunClaimWork(new RunClaimStatements(sql, claim, keeper), claim, keeper, Role).ApplyAsync(scope, cancellationToken),
                cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<OwnedStart> StartOwnedAsync(RunStartRules rules, RunStart start, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            StatementScope scope = Scopes.For(context with { Reason = rules.Move.ReasonLine });
            RunKeeper owner = keeper ?? throw LeoErrors.OwnedInTransaction();
            RunStartStatements statements = Starting(await Sql.ForAsync(scope, cancellationToken).ConfigureAwait(false), owner);
            return await new OwnedStartWork(statements, rules, owner, Role).ApplyAsync(scope, start, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public IOwnedRun? FindOwned(Guid id) => keeper?.Find(id);

    public Task<QueueSight> LookAtQueueAsync(RunClaim claim, CallContext context, CancellationToken cancellationToken) =>
        WithSqlAsync((scope, sql) => new RunClaimStatements(sql, claim, keeper).LookAsync(scope, cancellationToken), context, cancellationToken);

    public Task<BulkResult<FlowExecution>> ChangeAsync(
        StatusMove<ExecutionStatus> move,
        IReadOnlyList<ExecutionChange> changes,
        BulkOptions options,
        CallContext context,
        CancellationToken cancellationToken) => GuardAsync(
        () => HoldAsync(changes, move, held => ChangeAsync(move, held, options, seize: false, context, cancellationToken), Written, cancellationToken),
        cancellationToken);

    public Task<BulkResult<FlowExecution>> EditAsync(
        IReadOnlyList<ExecutionEdit> edits, bool force, BulkOptions options, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        () => HoldEditsAsync(
            edits,
            held => Writer.WriteAsync(
                sql => new ExecutionEditWork(sql, force, Role), held, options, context with { Reason = OverBudget }, cancellationToken),
            cancellationToken),
        cancellationToken);

    public Task<long> CountAsync(ExecutionFilter filter, CallContext context, CancellationToken cancellationToken) =>
        GuardAsync(() => Selection(context).CountAsync(filter, cancellationToken), cancellationToken);

    public IAsyncEnumerable<IReadOnlyList<ChangeOutcome<FlowExecution>>> ChangeSelectedAsync(
        StatusMove<ExecutionStatus> move, ExecutionFilter filter, int batchSize, CallContext context, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        token => Selection(context).ChangeAsync(
            move,
            filter,
            batchSize,
            (batch, mode) => HoldAsync(batch, move, held => ChangeAsync(move, Scopes.For(context with { Reason = move.ReasonLine }), held, mode, filter.Orphaned, token), outcomes => outcomes, token),
            token),
        Role,
        cancellationToken);

    public Task<BulkResult<FlowExecution>> ChangeSelectedAtomicallyAsync(
        StatusMove<ExecutionStatus> move, ExecutionFilter filter, int batchSize, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        () => Selection(context).ChangeAtomicallyAsync(
            move,
            filter,
            changes => HoldAsync(
                changes,
                move,
                held => ChangeAsync(move, held, new BulkOptions(batchSize, IsAtomic: true), filter.Orphaned, context, cancellationToken),
                Written,
                cancellationToken),
            cancellationToken),
        cancellationToken);

    public Task<BulkResult<FlowExecution>> RestartAsync(
        RunStartRules rules, IReadOnlyList<RunRestart> restarts, BulkOptions options, CallContext context, CancellationToken cancellationToken) =>
        Writer.WriteAsync(sql => new RestartWork(new RestartStatements(sql), rules, Role), restarts, options, context, cancellationToken);

    public Task<RestartSight> LookAtRestartAsync(Guid id, CallContext context, CancellationToken cancellationToken) => WithSqlAsync(
        async (scope, sql) => (await new RestartStatements(sql).LookAsync(scope, [id], cancellationToken).ConfigureAwait(false)).GetValueOrDefault(id), context, cancellationToken);

    public Task<BulkResult<FlowExecution>> RemoveAsync(
        IReadOnlyList<RowRemoval> removals,
        bool force,
        BulkOptions options,
        IRowExport<FlowExecution>? export,
        CallContext context,
        CancellationToken cancellationToken) => Writer.RemoveAsync<RowRemoval>(
        (sql, rows, atOnce) => new RemovalWork<FlowExecution, ExecutionStatus>(new RunRemovalStatements(sql, force), rows, atOnce, Role),
        removals,
        options,
        export,
        context,
        cancellationToken);

    public Task<IReadOnlyList<RowRemoval>> FindAsync(ExecutionFilter filter, Guid? after, int count, CallContext context, CancellationToken cancellationToken) => WithSqlAsync(
        (scope, sql) => scope.RunAsync(
            "find executions to delete", RunRemovalStatements.Find(sql, filter, after, count), RunRemovalStatements.ReadFoundAsync, f => f.Count, cancellationToken),
        context,
        cancellationToken);

    /// <summary>Edits runs, of which this process may own some: what its own keeper wrote is no change of others, and what is over its budget has no owner.</summary>
    private async Task<BulkResult<FlowExecution>> HoldEditsAsync(
        IReadOnlyList<ExecutionEdit> edits, Func<IReadOnlyList<ExecutionEdit>, Task<BulkResult<FlowExecution>>> work, CancellationToken cancellationToken)
    {
        if (keeper is null)
        {
            return await work(edits).ConfigureAwait(false);
        }

        ExecutionChange[] changes = [.. edits.Select(e => new ExecutionChange(e.Id, e.Known, null, e.Source, RunValues.None))];
        (IReadOnlyList<ExecutionChange> held, IDisposable? hold) = await keeper.HoldAsync(changes, cancellationToken).ConfigureAwait(false);
        using (hold)
        {
            BulkResult<FlowExecution> result = await work([.. edits.Zip(held, (edit, change) => edit with { Known = change.Guard })]).ConfigureAwait(false);
            keeper.Ended(
                Written(result).Where(o => o.Error?.ErrorId == LeoErrorId.ExecutionCancelled).Select(o => o.Row!.Id), ExecutionStatus.Cancelled, "it consumed more than its budget");
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

    private Task<BulkResult<FlowExecution>> ChangeAsync(
        StatusMove<ExecutionStatus> move, IReadOnlyList<ExecutionChange> changes, BulkOptions options, bool seize, CallContext context, CancellationToken cancellationToken) =>
        Writer.WriteAsync(
            (scope, batch, mode, token) => ChangeAsync(move, scope, batch, seize ? LockMode.SkipHeld : mode, seize, token),
            changes,
            options,
            context with { Reason = move.ReasonLine },
            cancellationToken);

    /// <summary>The rows that an operation wrote, as far as it kept them.</summary>
    private static IReadOnlyList<ChangeOutcome<FlowExecution>> Written(BulkResult<FlowExecution> result) => result.Committed ? result.Outcomes : [];

    /// <summary>
    /// The order in which an atomic start locks: flows first, then queued runs, each in the order of ids, as every other writer does.
    /// </summary>
    private static async Task<IEnumerable<int>> StartOrderAsync(
        StatementScope scope, IReadOnlyList<IRowChange<Guid>> changes, CancellationToken cancellationToken)
    {
        IEnumerable<string> keys = changes.OfType<RunStart>().Select(s => s.FlowKey).OfType<string>().Distinct(StringComparer.Ordinal);
        Dictionary<string, Guid> flows = await RunStartStatements.FindFlowsAsync(scope, keys, cancellationToken).ConfigureAwait(false);
        return Enumerable.Range(0, changes.Count)
            .OrderBy(i => changes[i] is RunStart ? 0 : 1)
            .ThenBy(i => changes[i] is RunStart start ? start.FlowId ?? flows.GetValueOrDefault(start.FlowKey!) : changes[i].Id);
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
