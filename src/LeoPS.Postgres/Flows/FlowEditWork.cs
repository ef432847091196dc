using LeoPS.Flows;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.Postgres.Flows;

/// <summary>A batch of edits: one update; then, for those it did not write, a look at their rows.</summary>
internal sealed class FlowEditWork(FlowStatements statements, AdditionalColumnBatch<FlowEdit> additional, string role) : IBatchWork<FlowEdit, Flow>
{
    public string Noun => FlowVerdict.Noun;

    public AdditionalColumnBatch<FlowEdit>? Additional => additional;

    public Task<IReadOnlyList<Written<Flow>>> WriteAsync(StatementScope scope, IReadOnlyList<BatchItem<FlowEdit>> items, LockMode mode, CancellationToken cancellationToken) =>
        statements.UpdateAsync(scope, items, additional, mode, cancellationToken);

    public async Task<IReadOnlyList<Judgement<FlowEdit, Flow>>> JudgeAsync(
        StatementScope scope, IReadOnlyList<BatchItem<FlowEdit>> left, bool skippedHeld, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<Guid, Seen<Flow>> seen = await statements.LookUpAsync(scope, [.. left.Select(i => i.Change.Id)], cancellationToken).ConfigureAwait(false);
        return [.. left.Select(item =>
        {
            Seen<Flow>? found = seen.TryGetValue(item.Change.Id, out Seen<Flow> row) ? row : null;
            bool held = skippedHeld && found is { Held: true };
            return new Judgement<FlowEdit, Flow>(null, FlowVerdict.OfEdit(item.Change, found?.Row, held, role, scope.Context.LockTimeout), null);
        })];
    }

    public LeoException? Explain(PostgresException refusal) => refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege
        ? new LeoException(
            LeoErrorId.Forbidden,
            $"Role {role} may not change this flow so: {refusal.MessageText}. Row level security usually asks that its writer can read the flow afterwards, which Draft and Active flows allow; connect as a role that may, such as service_role.",
            refusal.SqlState)
        : null;
}
