using LeoPS.Postgres.Access;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Sessions;
using Npgsql;

namespace LeoPS.Postgres.Sessions;

/// <summary>A batch of edits of implementation sessions, all of which set the same status or none.</summary>
internal sealed class SessionEditWork(SessionSql sql, string role)
    : GuardedWork<SessionEdit, ImplementationSession, SessionStatus>(SessionVerdict.Noun, role)
{
    private readonly SessionEditStatements _statements = new(sql);
    private readonly EditDocuments<Guid> _documents = new(SessionWritable.Table, sql.LiveColumns);
    private SessionStatus? _status;
    private SessionRivals _rivals = new([], null);

    public override Task<IReadOnlyList<Written<ImplementationSession>>> WriteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<SessionEdit>> items, LockMode mode, CancellationToken cancellationToken)
    {
        _status = items[0].Change.Status;
        return _documents.WriteAsync(
            items, edit => (edit.Id, edit.Values), (usable, documents) => _statements.UpdateAsync(scope, usable, documents, mode, cancellationToken));
    }

    /// <summary>As given where sessions become active: of two of one directive the first counts.</summary>
    public override IEnumerable<BatchItem<SessionEdit>> InOrder(IEnumerable<BatchItem<SessionEdit>> items)
    {
        BatchItem<SessionEdit>[] all = [.. items];
        return all is [{ Change.Status: SessionStatus.Active }, ..] ? all : base.InOrder(all);
    }

    public override LeoException? Explain(PostgresException refusal) =>
        refusal.SqlState == PostgresErrorCodes.UniqueViolation && _status is { } status ? SessionVerdict.Taken(status, refusal.ConstraintName, ConstraintExplainer.Of(refusal), refusal.SqlState) : null;

    protected override async Task<IReadOnlyDictionary<Guid, Seen<ImplementationSession>>> LookUpAsync(
        StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<Guid, Seen<ImplementationSession>> seen = await _statements.LookUpAsync(scope, ids, cancellationToken).ConfigureAwait(false);
        _rivals = _status is { } status && seen.Count > 0
            ? await _statements.FindRivalsAsync(scope, status, seen.Values.Select(s => s.Row.SdId), [], cancellationToken).ConfigureAwait(false)
            : new SessionRivals([], null);
        return seen;
    }

    protected override LeoException? Settled(SessionEdit change) => _documents.FaultOf(change.Id);

    protected override LeoException? Obstacle(SessionEdit change, ImplementationSession row) => SessionVerdict.Obstacle(change, row, _rivals);
}
