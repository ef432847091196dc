using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Handoffs;

/// <summary>Making, editing and deleting rows of exec_handoff_preparations over Npgsql.</summary>
internal sealed class HandoffContentStore : IHandoffContentStore
{
    private readonly TableShapes<HandoffSql> _sql = new(HandoffColumns.Table, shape => new HandoffSql(shape));
    private readonly IScopeSource _scopes;
    private readonly string _role;
    private readonly BulkRun<HandoffSql, HandoffPreparation> _run;

    public HandoffContentStore(IScopeSource scopes, string role)
    {
        _scopes = scopes;
        _role = role;
        _run = new BulkRun<HandoffSql, HandoffPreparation>(_sql, scopes, role);
    }

    public Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> CreateAsync(
        DraftRules rules, IReadOnlyList<HandoffDraft> batch, CallContext context, CancellationToken cancellationToken) =>
        _run.ApplyAsync(Creation(rules), batch, context, cancellationToken);

    public Task<AtomicResult<HandoffPreparation>> CreateAtomicallyAsync(
        DraftRules rules, IReadOnlyList<HandoffDraft> drafts, int batchSize, CallContext context, CancellationToken cancellationToken) =>
        _run.ApplyAtomicallyAsync(Creation(rules), drafts, batchSize, context, cancellationToken);

    public Task<IReadOnlyList<DraftSight>> LookAsync(DraftRules rules, IReadOnlyList<HandoffDraft> drafts, CallContext context, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        async () =>
        {
            StatementScope scope = _scopes.For(context);
            var statements = new HandoffDraftStatements(await _sql.ForAsync(scope, cancellationToken).ConfigureAwait(false), rules);
            return await statements.LookAsync(scope, drafts, cancellationToken).ConfigureAwait(false);
        },
        _role,
        cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> EditAsync(
        EditRules rules, IReadOnlyList<HandoffEdit> batch, CallContext context, CancellationToken cancellationToken) =>
        _run.ApplyAsync(Edit(rules), batch, context, cancellationToken);

    public Task<AtomicResult<HandoffPreparation>> EditAtomicallyAsync(
        EditRules rules, IReadOnlyList<HandoffEdit> edits, int batchSize, CallContext context, CancellationToken cancellationToken) =>
        _run.ApplyAtomicallyAsync(Edit(rules), edits, batchSize, context, cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> RemoveAsync(
        IReadOnlyList<RowRemoval> batch, IRowExport<HandoffPreparation>? export, CallContext context, CancellationToken cancellationToken) =>
        _run.RemoveAsync(Removal, batch, export, context, cancellationToken);

    public Task<AtomicResult<HandoffPreparation>> RemoveAtomicallyAsync(
        IReadOnlyList<RowRemoval> removals, int batchSize, IRowExport<HandoffPreparation>? export, CallContext context, CancellationToken cancellationToken) =>
        _run.RemoveAtomicallyAsync(Removal, removals, batchSize, export, context, cancellationToken);

    private RemovalWork<HandoffPreparation, HandoffStatus> Removal(HandoffSql sql, IRowExport<HandoffPreparation>? export, bool atOnce) =>
        new(new HandoffRemovalStatements(sql), export, atOnce, _role);

    private Func<HandoffSql, IBatchWork<HandoffDraft, HandoffPreparation>> Creation(DraftRules rules) => sql => new HandoffDraftWork(new HandoffDraftStatements(sql, rules), rules, _role);

    private Func<HandoffSql, IBatchWork<HandoffEdit, HandoffPreparation>> Edit(EditRules rules) => sql => new HandoffEditWork(sql, rules, _role);
}
