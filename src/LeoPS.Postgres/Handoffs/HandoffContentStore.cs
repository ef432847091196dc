using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Handoffs;

/// <summary>Making, editing and deleting rows of exec_handoff_preparations over Npgsql.</summary>
internal sealed class HandoffContentStore(IScopeSource scopes, string role)
    : TableStore<HandoffSql>(new(HandoffColumns.Table, shape => new HandoffSql(shape)), scopes, role), IHandoffContentStore
{
    private BulkRun<HandoffSql, HandoffPreparation> Bulk => new(Sql, Scopes, Role);

    public Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> CreateAsync(
        DraftRules rules, IReadOnlyList<HandoffDraft> batch, CallContext context, CancellationToken cancellationToken) =>
        Bulk.ApplyAsync(Creation(rules), batch, context, cancellationToken);

    public Task<AtomicResult<HandoffPreparation>> CreateAtomicallyAsync(
        DraftRules rules, IReadOnlyList<HandoffDraft> drafts, int batchSize, CallContext context, CancellationToken cancellationToken) =>
        Bulk.ApplyAtomicallyAsync(Creation(rules), drafts, batchSize, context, cancellationToken);

    public Task<IReadOnlyList<DraftSight>> LookAsync(DraftRules rules, IReadOnlyList<HandoffDraft> drafts, CallContext context, CancellationToken cancellationToken) =>
        WithSqlAsync((scope, sql) => new HandoffDraftStatements(sql, rules).LookAsync(scope, drafts, cancellationToken), context, cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> EditAsync(
        EditRules rules, IReadOnlyList<HandoffEdit> batch, CallContext context, CancellationToken cancellationToken) =>
        Bulk.ApplyAsync(Edit(rules), batch, context, cancellationToken);

    public Task<AtomicResult<HandoffPreparation>> EditAtomicallyAsync(
        EditRules rules, IReadOnlyList<HandoffEdit> edits, int batchSize, CallContext context, CancellationToken cancellationToken) =>
        Bulk.ApplyAtomicallyAsync(Edit(rules), edits, batchSize, context, cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> RemoveAsync(
        IReadOnlyList<RowRemoval> batch, IRowExport<HandoffPreparation>? export, CallContext context, CancellationToken cancellationToken) =>
        Bulk.RemoveAsync<RowRemoval>(Removal, batch, export, context, cancellationToken);

    public Task<AtomicResult<HandoffPreparation>> RemoveAtomicallyAsync(
        IReadOnlyList<RowRemoval> removals, int batchSize, IRowExport<HandoffPreparation>? export, CallContext context, CancellationToken cancellationToken) =>
        Bulk.RemoveAtomicallyAsync<RowRemoval>(Removal, removals, batchSize, export, context, cancellationToken);

    private RemovalWork<HandoffPreparation, HandoffStatus> Removal(HandoffSql sql, IRowExport<HandoffPreparation>? export, bool atOnce) =>
        new(new HandoffRemovalStatements(sql), export, atOnce, Role);

    private Func<HandoffSql, IBatchWork<HandoffDraft, HandoffPreparation>> Creation(DraftRules rules) => sql => new HandoffDraftWork(
        new HandoffDraftStatements(
            sql, rules, new AdditionalColumnBatch<HandoffDraft>(HandoffColumns.Definition, d => d.AdditionalColumns, Sql.ColumnsAsync)),
        rules,
        Role);

    private Func<HandoffSql, IBatchWork<HandoffEdit, HandoffPreparation>> Edit(EditRules rules) => sql => new HandoffEditWork(
        sql, rules, new AdditionalColumnBatch<HandoffEdit>(HandoffColumns.Definition, e => e.AdditionalColumns, Sql.ColumnsAsync), Role);
}
