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
    /// <summary>Rows per statement where a selection is moved by ids.</summary>
    private const int SelectionBatchSize = 1000;

    private BatchWriter<HandoffSql, HandoffPreparation> Writer => new(Sql, Scopes, HandoffTransitions.Table.Noun, Role);

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

    public Task<BulkResult<HandoffPreparation>> ChangeAsync(
        StatusMove<HandoffStatus> move,
        IReadOnlyList<StatusChange<HandoffPreparation>> changes,
        BulkOptions options,
        CallContext context,
        CancellationToken cancellationToken) =>
        Writer.WriteAsync(Move(move), changes, options, context with { Reason = move.ReasonLine }, cancellationToken);

    public Task<SelectionResult<HandoffPreparation>> ChangeSelectionAsync(
        StatusMove<HandoffStatus> move, HandoffFilter filter, bool atomic, bool returnRows, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            context = context with { Reason = move.ReasonLine };
            StatementScope scope = Scopes.For(context);
            var options = new BulkOptions(SelectionBatchSize, atomic);
            var selection = new SelectionChange(
                await Sql.ForAsync(scope, cancellationToken).ConfigureAwait(false),
                scope,
                Role,
                changes => Writer.WriteAsync(Move(move), changes, options, context, cancellationToken));
            return await selection.ApplyAsync(move, filter, atomic, returnRows, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<BulkResult<HandoffPreparation>> CreateAsync(
        DraftRules rules, IReadOnlyList<HandoffDraft> drafts, BulkOptions options, CallContext context, CancellationToken cancellationToken) =>
        Writer.WriteAsync(Creation(rules), drafts, options, context, cancellationToken);

    public Task<IReadOnlyList<DraftSight>> LookAsync(DraftRules rules, IReadOnlyList<HandoffDraft> drafts, CallContext context, CancellationToken cancellationToken) =>
        WithSqlAsync((scope, sql) => new HandoffDraftStatements(sql, rules).LookAsync(scope, drafts, cancellationToken), context, cancellationToken);

    public Task<BulkResult<HandoffPreparation>> EditAsync(
        EditRules rules, IReadOnlyList<HandoffEdit> edits, BulkOptions options, CallContext context, CancellationToken cancellationToken) =>
        Writer.WriteAsync(Edit(rules), edits, options, context, cancellationToken);

    public Task<BulkResult<HandoffPreparation>> RemoveAsync(
        IReadOnlyList<RowRemoval> removals,
        BulkOptions options,
        IRowExport<HandoffPreparation>? export,
        CallContext context,
        CancellationToken cancellationToken) => Writer.RemoveAsync<RowRemoval>(Removal, removals, options, export, context, cancellationToken);

    private Func<HandoffSql, IBatchWork<StatusChange<HandoffPreparation>, HandoffPreparation>> Move(StatusMove<HandoffStatus> move) => sql =>
        new StatusChangeWork<StatusChange<HandoffPreparation>, HandoffPreparation, HandoffStatus>(new HandoffChangeStatements(sql, move), move, Role);

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
