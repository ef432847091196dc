using LeoPS.Changes;
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

    public override async Task<IReadOnlyList<Written<ImplementationSession>>> WriteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<SessionEdit>> items, LockMode mode, CancellationToken cancellationToken)
    {
        _status = items[0].Change.Status;
        (int At, RowDocument? Document)[] all = [.. items.Select((item, at) => (at, _documents.Of(item.Change.Id, item.Change.Values)))];
        (int At, RowDocument? Document)[] usable = Array.FindAll(all, a => a.Document is not null);
        if (usable.Length == 0)
        {
            return [];
        }

        IReadOnlyList<Written<ImplementationSession>> written = await _statements.UpdateAsync(
            scope, [.. usable.Select(u => items[u.At])], [.. usable.Select(u => u.Document!)], mode, cancellationToken).ConfigureAwait(false);
        return [.. written.Select(w => w with { At = usable[w.At].At })];
    }

    public override LeoException? Explain(PostgresException refusal) =>
        refusal.SqlState == PostgresErrorCodes.UniqueViolation && _status is { } status ? SessionVerdict.Taken(status, refusal.ConstraintName, refusal.SqlState) : null;

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
