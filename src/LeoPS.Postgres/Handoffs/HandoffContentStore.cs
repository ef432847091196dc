using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Handoffs;

/// <summary>Making, editing and deleting rows of exec_handoff_preparations over Npgsql.</summary>
internal sealed class HandoffContentStore(IScopeSource scopes, string role) : IHandoffContentStore
{
    private readonly TableShapes<HandoffSql> _sql = new(HandoffColumns.Table, shape => new HandoffSql(shape));

    public Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> CreateAsync(
        DraftRules rules, IReadOnlyList<HandoffDraft> batch, CallContext context, CancellationToken cancellationToken) =>
        ApplyAsync(Creation(rules), batch, context, cancellationToken);

    public Task<AtomicResult<HandoffPreparation>> CreateAtomicallyAsync(
        DraftRules rules, IReadOnlyList<HandoffDraft> drafts, int batchSize, CallContext context, CancellationToken cancellationToken) =>
        ApplyAtomicallyAsync(Creation(rules), drafts, batchSize, context, cancellationToken);

    public Task<IReadOnlyList<DraftSight>> LookAsync(DraftRules rules, IReadOnlyList<HandoffDraft> drafts, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            StatementScope scope = scopes.For(context);
            var statements = new HandoffDraftStatements(await _sql.ForAsync(scope, cancellationToken).ConfigureAwait(false), rules);
            return await statements.LookAsync(scope, drafts, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> EditAsync(
        EditRules rules, IReadOnlyList<HandoffEdit> batch, CallContext context, CancellationToken cancellationToken) =>
        ApplyAsync(Edit(rules), batch, context, cancellationToken);

    public Task<AtomicResult<HandoffPreparation>> EditAtomicallyAsync(
        EditRules rules, IReadOnlyList<HandoffEdit> edits, int batchSize, CallContext context, CancellationToken cancellationToken) =>
        ApplyAtomicallyAsync(Edit(rules), edits, batchSize, context, cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> RemoveAsync(
        IReadOnlyList<HandoffRemoval> batch, IHandoffExport? export, CallContext context, CancellationToken cancellationToken) =>
        ApplyAsync(Removal(export, atOnce: true), batch, context, cancellationToken);

    public Task<AtomicResult<HandoffPreparation>> RemoveAtomicallyAsync(
        IReadOnlyList<HandoffRemoval> removals, int batchSize, IHandoffExport? export, CallContext context, CancellationToken cancellationToken)
    {
        if (export is null)
        {
            return ApplyAtomicallyAsync(Removal(null, atOnce: false), removals, batchSize, context, cancellationToken);
        }

        void Write(IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes)
        {
            // A transaction that is repeated begins its lines again.
            export.TakeBack();
            export.Write(outcomes.Select(o => o.Row!));
        }

        return GuardAsync(
            () => ExportGuard.RunAsync(export, () => RunAtomicallyAsync(Removal(export, atOnce: false), removals, batchSize, context, Write, cancellationToken)), cancellationToken);
    }

    private Func<HandoffSql, IBatchWork<HandoffRemoval, HandoffPreparation>> Removal(IHandoffExport? export, bool atOnce) => sql => new HandoffRemovalWork(sql, export, atOnce, role);

    private Func<HandoffSql, IBatchWork<HandoffDraft, HandoffPreparation>> Creation(DraftRules rules) => sql => new HandoffDraftWork(new HandoffDraftStatements(sql, rules), rules, role);

    private Func<HandoffSql, IBatchWork<HandoffEdit, HandoffPreparation>> Edit(EditRules rules) => sql => new HandoffEditWork(sql, rules, role);

    private Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> ApplyAsync<TChange>(
        Func<HandoffSql, IBatchWork<TChange, HandoffPreparation>> work, IReadOnlyList<TChange> batch, CallContext context, CancellationToken cancellationToken)
        where TChange : class, IRowChange => GuardAsync(
        async () => (IReadOnlyList<ChangeOutcome<HandoffPreparation>>)await RunAsync(work, scopes.For(context), batch, LockMode.AsMet, cancellationToken).ConfigureAwait(false),
        cancellationToken);

    private Task<AtomicResult<HandoffPreparation>> ApplyAtomicallyAsync<TChange>(
        Func<HandoffSql, IBatchWork<TChange, HandoffPreparation>> work, IReadOnlyList<TChange> changes, int batchSize, CallContext context, CancellationToken cancellationToken)
        where TChange : class, IRowChange => GuardAsync(() => RunAtomicallyAsync(work, changes, batchSize, context, null, cancellationToken), cancellationToken);

    private async Task<AtomicResult<HandoffPreparation>> RunAtomicallyAsync<TChange>(
        Func<HandoffSql, IBatchWork<TChange, HandoffPreparation>> work,
        IReadOnlyList<TChange> changes,
        int batchSize,
        CallContext context,
        Action<IReadOnlyList<ChangeOutcome<HandoffPreparation>>>? beforeCommit,
        CancellationToken cancellationToken)
        where TChange : class, IRowChange
    {
        _ = await _sql.ForAsync(scopes.For(context), cancellationToken).ConfigureAwait(false);
        return await new AtomicRun(scopes.For(context)).ApplyAsync(
            (scope, part, token) => RunAsync(work, scope, part, LockMode.InOrder, token),
            changes,
            Enumerable.Range(0, changes.Count).OrderBy(i => changes[i].Id),
            batchSize,
            cancellationToken,
            beforeCommit).ConfigureAwait(false);
    }

    private async Task<ChangeOutcome<HandoffPreparation>[]> RunAsync<TChange>(
        Func<HandoffSql, IBatchWork<TChange, HandoffPreparation>> work, StatementScope scope, IReadOnlyList<TChange> batch, LockMode mode, CancellationToken cancellationToken)
        where TChange : class, IRowChange
    {
        HandoffSql sql = await _sql.ForAsync(scope, cancellationToken).ConfigureAwait(false);
        return await new BatchRunner<TChange, HandoffPreparation>(work(sql), role, mode).ApplyAsync(scope, batch, cancellationToken).ConfigureAwait(false);
    }

    private Task<T> GuardAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(work, role, cancellationToken);
}
