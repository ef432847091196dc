using LeoPS.Changes;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Sessions;
using LeoPS.Statuses;
using NpgsqlTypes;

namespace LeoPS.Postgres.Sessions;

/// <summary>The statements by which implementation sessions are edited, with their values.</summary>
internal sealed class SessionEditStatements(SessionSql sql)
{
    /// <summary>Edits the rows whose guard holds; returns each with its place.</summary>
    /// <param name="scope">Where it runs.</param>
    /// <param name="items">The edits. All set the same status, or none sets any.</param>
    /// <param name="documents">What each writes.</param>
    /// <param name="mode">How locks are taken.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<IReadOnlyList<Written<ImplementationSession>>> UpdateAsync(
        StatementScope scope, IReadOnlyList<BatchItem<SessionEdit>> items, IReadOnlyList<RowDocument> documents, LockMode mode, CancellationToken cancellationToken) =>
        scope.RunAsync(
            $"edit sessions (batch of {items.Count}, locks {mode})",
            Update(items, documents, mode),
            (reader, _) => new SessionRowReader(reader).AllWrittenAsync(),
            written => written.Count,
            cancellationToken);

    /// <summary>Reads sessions by id in a new snapshot.</summary>
    public Task<IReadOnlyDictionary<Guid, Seen<ImplementationSession>>> LookUpAsync(StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        SecondLook.RunAsync(scope, sql, reader => new SessionRowReader(reader), ids, cancellationToken);

    /// <summary>The sessions that have a status already.</summary>
    public async Task<SessionRivals> FindRivalsAsync(
        StatementScope scope, SessionStatus status, IEnumerable<string> sdIds, IReadOnlyList<Guid> but, CancellationToken cancellationToken)
    {
        var statement = new Statement();
        statement.Text = sql.Rivals(
            MoveSql.Texts(statement, sdIds.Distinct(StringComparer.Ordinal)),
            statement.Add(StatusNames<SessionStatus>.ToColumn(status), NpgsqlDbType.Text),
            statement.Add(but.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid));
        string? index = null;
        IReadOnlyList<ImplementationSession> rivals = await scope.RunAsync(
            $"look for sessions that are {status}",
            statement,
            (reader, token) =>
            {
                var rows = new SessionRowReader(reader);
                return rows.AllAsync(
                    item =>
                    {
                        index = reader.IsDBNull(rows.Next) ? null : reader.GetString(rows.Next);
                        return item.Row;
                    },
                    token);
            },
            found => found.Count,
            cancellationToken).ConfigureAwait(false);
        return new SessionRivals(rivals, index);
    }

    /// <summary>The update with its values.</summary>
    internal Statement Update(IReadOnlyList<BatchItem<SessionEdit>> items, IReadOnlyList<RowDocument> rows, LockMode mode)
    {
        var statement = new Statement();
        var documents = new RowDocuments(statement, rows);
        statement.Text = sql.Edit(MoveSql.Input(statement, items, documents.Inputs), mode, documents, items[0].Change.Status);
        return statement;
    }
}
