using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;

namespace LeoPS.Postgres.Executions;

/// <summary>crewai_flow_executions over Npgsql.</summary>
internal sealed class ExecutionStore(IScopeSource scopes, string role) : IExecutionStore
{
    private readonly TableShapes<ExecutionSql> _sql = new(ExecutionColumns.Table, shape => new ExecutionSql(shape));

    public IAsyncEnumerable<IReadOnlyList<ReadItem<FlowExecution>>> ReadAsync(ExecutionQuery query, CallContext context, CancellationToken cancellationToken)
    {
        StatementScope scope = scopes.For(context);
        var reading = new PagedReading<FlowExecution, ExecutionFilter, ExecutionOrder>(
            async token => new ExecutionReadStatements(await _sql.ForAsync(scope, token).ConfigureAwait(false)), scope, role);
        return PostgresErrors.GuardAsync(token => reading.ReadAsync(query, scopes.PageSize(query.PageSize), token), role, cancellationToken);
    }

    public Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> StartAsync(
        RunStartRules rules, IReadOnlyList<IRowChange> batch, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () => (IReadOnlyList<ChangeOutcome<FlowExecution>>)await StartAsync(rules, scopes.For(context, rules.Move.ReasonLine), batch, LockMode.AsMet, cancellationToken).ConfigureAwait(false),
        cancellationToken);

    public Task<AtomicResult<FlowExecution>> StartAtomicallyAsync(
        RunStartRules rules, IReadOnlyList<IRowChange> changes, int batchSize, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            StatementScope outside = scopes.For(context);
            _ = await _sql.ForAsync(outside, cancellationToken).ConfigureAwait(false);
            IEnumerable<string> keys = changes.OfType<RunStart>().Select(s => s.FlowKey).OfType<string>().Distinct(StringComparer.Ordinal);
            Dictionary<string, Guid> flows = await RunStartStatements.FindFlowsAsync(outside, keys, cancellationToken).ConfigureAwait(false);
            // Flows first, then queued runs, each in the order of ids: the order in which everybody locks.
            IEnumerable<int> order = Enumerable.Range(0, changes.Count)
                .OrderBy(i => changes[i] is RunStart ? 0 : 1)
                .ThenBy(i => changes[i] is RunStart start ? start.FlowId ?? flows.GetValueOrDefault(start.FlowKey!) : changes[i].Id);
            return await new AtomicRun(scopes.For(context, rules.Move.ReasonLine)).ApplyAsync(
                (scope, part, token) => StartAsync(rules, scope, part, LockMode.InOrder, token), changes, order, batchSize, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<IReadOnlyList<StartSight>> LookAsync(IReadOnlyList<RunStart> starts, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            StatementScope scope = scopes.For(context);
            var statements = new RunStartStatements(await _sql.ForAsync(scope, cancellationToken).ConfigureAwait(false));
            return await statements.LookAsync(scope, starts, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<IReadOnlyList<ExecutionMeasure>> MeasureAsync(MeasureRequest request, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            StatementScope scope = scopes.For(context);
            ExecutionSql sql = await _sql.ForAsync(scope, cancellationToken).ConfigureAwait(false);
            return await scope.RunAsync(
                "measure executions",
                ExecutionMeasureSql.Measure(request, [.. sql.LiveColumns]),
                (reader, token) => ExecutionMeasureReader.ReadAsync(reader, request, token),
                m => m.Count,
                cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<IReadOnlyList<WaitedRun>> LookForEndsAsync(IReadOnlyList<Guid> ids, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            StatementScope scope = scopes.For(context);
            var statements = new ExecutionReadStatements(await _sql.ForAsync(scope, cancellationToken).ConfigureAwait(false));
            return await scope.RunAsync(
                $"look which of {ids.Count} executions have ended", statements.LookForEnds(ids), ExecutionReadStatements.ReadEndsAsync, e => e.Count, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> ClaimAsync(RunClaim claim, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            StatementScope scope = scopes.For(context, claim.Rules.Move.ReasonLine);
            var statements = new RunClaimStatements(await _sql.ForAsync(scope, cancellationToken).ConfigureAwait(false), claim);
            return await new RunClaimWork(statements, claim, role).ApplyAsync(scope, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<QueueSight> LookAtQueueAsync(RunClaim claim, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            StatementScope scope = scopes.For(context);
            var statements = new RunClaimStatements(await _sql.ForAsync(scope, cancellationToken).ConfigureAwait(false), claim);
            return await statements.LookAsync(scope, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> ChangeAsync(
        StatusMove<ExecutionStatus> move, IReadOnlyList<ExecutionChange> batch, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () => (IReadOnlyList<ChangeOutcome<FlowExecution>>)await ChangeAsync(move, scopes.For(context, move.ReasonLine), batch, LockMode.AsMet, cancellationToken).ConfigureAwait(false),
        cancellationToken);

    public Task<AtomicResult<FlowExecution>> ChangeAtomicallyAsync(
        StatusMove<ExecutionStatus> move, IReadOnlyList<ExecutionChange> changes, int batchSize, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            _ = await _sql.ForAsync(scopes.For(context), cancellationToken).ConfigureAwait(false);
            return await new AtomicRun(scopes.For(context, move.ReasonLine)).ApplyAsync(
                (scope, part, token) => ChangeAsync(move, scope, part, LockMode.InOrder, token),
                changes,
                Enumerable.Range(0, changes.Count).OrderBy(i => changes[i].Id),
                batchSize,
                cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>New runs and queued ones, each kind in its own statements.</summary>
    private Task<ChangeOutcome<FlowExecution>[]> StartAsync(
        RunStartRules rules, StatementScope scope, IReadOnlyList<IRowChange> batch, LockMode mode, CancellationToken cancellationToken) =>
        PartlyDone.RunAsync<FlowExecution>(
            scope,
            batch,
            rules.Move.Table.Noun,
            role,
            async outcomes =>
            {
                int[] starts = [.. Enumerable.Range(0, batch.Count).Where(i => batch[i] is RunStart)];
                int[] queued = [.. Enumerable.Range(0, batch.Count).Where(i => batch[i] is ExecutionChange)];
                if (starts.Length > 0)
                {
                    var statements = new RunStartStatements(await _sql.ForAsync(scope, cancellationToken).ConfigureAwait(false));
                    var runner = new BatchRunner<RunStart, FlowExecution>(new RunStartWork(statements, rules, role), role, mode);
                    Put(outcomes, starts, await runner.ApplyAsync(scope, Array.ConvertAll(starts, i => (RunStart)batch[i]), cancellationToken).ConfigureAwait(false));
                }

                if (queued.Length > 0)
                {
                    Put(outcomes, queued, await ChangeAsync(rules.Move, scope, Array.ConvertAll(queued, i => (ExecutionChange)batch[i]), mode, cancellationToken).ConfigureAwait(false));
                }
            },
            cancellationToken);

    private async Task<ChangeOutcome<FlowExecution>[]> ChangeAsync(
        StatusMove<ExecutionStatus> move, StatementScope scope, IReadOnlyList<ExecutionChange> batch, LockMode mode, CancellationToken cancellationToken)
    {
        var statements = new ExecutionChangeStatements(await _sql.ForAsync(scope, cancellationToken).ConfigureAwait(false), move);
        var work = new StatusChangeWork<ExecutionChange, FlowExecution, ExecutionStatus>(statements, move, role);
        return await new BatchRunner<ExecutionChange, FlowExecution>(work, role, mode).ApplyAsync(scope, batch, cancellationToken).ConfigureAwait(false);
    }

    private static void Put(ChangeOutcome<FlowExecution>[] outcomes, int[] places, ChangeOutcome<FlowExecution>[] done)
    {
        for (int i = 0; i < places.Length; i++)
        {
            outcomes[places[i]] = done[i];
        }
    }

    private Task<T> GuardAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(work, role, cancellationToken);
}
