using LeoPS.Changes;
using LeoPS.Postgres.Changes;
using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using LeoPS.Sessions;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Sessions;

/// <summary>exec_implementation_sessions over Npgsql.</summary>
internal sealed class SessionStore(IScopeSource scopes, string role)
    : TableStore<SessionSql>(new(SessionColumns.Table, shape => new SessionSql(shape)), scopes, role), ISessionStore
{
    public IAsyncEnumerable<IReadOnlyList<ReadItem<ImplementationSession>>> ReadAsync(SessionQuery query, CallContext context, CancellationToken cancellationToken) =>
        ReadRowsAsync(sql => new SessionReadStatements(sql), query, context, cancellationToken);

    public Task<IReadOnlyList<ActiveSessions>> FindActiveAsync(IReadOnlyList<string> sdNames, CallContext context, CancellationToken cancellationToken) =>
        WithSqlAsync((scope, sql) => FindActiveAsync(scope, sql, sdNames, cancellationToken), context, cancellationToken);

    public Task<ChangeOutcome<ImplementationSession>> CreateAsync(NewSession session, CallContext context, CancellationToken cancellationToken) => WithSqlAsync(
        async (scope, sql) =>
        {
            LiveColumns live = await Sql.ColumnsAsync(scope, cancellationToken).ConfigureAwait(false);
            var creation = new RowCreation<ImplementationSession>(SessionVerdict.Noun, $"of {session.Sd}", Role)
            {
                Statement = () => Insert(sql, live, session),
                Reader = reader => new SessionRowReader(reader),
                Reread = sql.ReturnsRowVersion ? null : row => RereadAsync(scope, sql, row),
                Obstacle = async token =>
                    SessionVerdict.Obstacle(session, (await FindActiveAsync(scope, sql, [session.Sd], token).ConfigureAwait(false))[0], Role),
            };
            return await creation.ApplyAsync(scope, session.Source, cancellationToken).ConfigureAwait(false);
        },
        context,
        cancellationToken);

    public Task<BulkResult<ImplementationSession>> EditAsync(
        IReadOnlyList<SessionEdit> edits, BulkOptions options, CallContext context, CancellationToken cancellationToken) =>
        Writer.WriteAsync(Edit, edits, options, context, cancellationToken);

    public Task<LeoException?> FindObstacleAsync(SessionEdit edit, ImplementationSession row, CallContext context, CancellationToken cancellationToken) => WithSqlAsync(
        async (scope, sql) =>
        {
            var documents = new EditDocuments<Guid>(SessionWritable.Table, sql.LiveColumns);
            if (documents.Of(edit.Id, edit.Values) is null)
            {
                return documents.FaultOf(edit.Id);
            }

            return edit.Status is not { } status || row.Status == status
                ? null
                : SessionVerdict.Obstacle(
                    edit, row, await new SessionEditStatements(sql).FindRivalsAsync(scope, status, [row.SdId], [row.Id], cancellationToken).ConfigureAwait(false));
        },
        context,
        cancellationToken);

    private BatchWriter<SessionSql, ImplementationSession> Writer => new(Sql, Scopes, SessionVerdict.Noun, Role);

    private SessionEditWork Edit(SessionSql sql) => new(sql, Role);

    private static async Task<ImplementationSession?> RereadAsync(StatementScope scope, SessionSql sql, ImplementationSession row) =>
        (await SecondLook.RunAsync(scope, sql, reader => new SessionRowReader(reader), [row.Id], CancellationToken.None).ConfigureAwait(false))
            .TryGetValue(row.Id, out Seen<ImplementationSession> seen) ? seen.Row : null;

    private static Statement Insert(SessionSql sql, LiveColumns live, NewSession session)
    {
        RowDocument row = RowDocument.Of(session.Columns, session.AdditionalColumns, SessionColumns.Table, live.Columns);
        var statement = new Statement();
        statement.Text = sql.Insert(
            live.Record(statement.Add(row.Json, NpgsqlDbType.Jsonb), row.Columns, "r"),
            row.Columns,
            statement.Add(session.Sd, NpgsqlDbType.Text),
            session.IsOver);
        return statement;
    }

    private static Task<IReadOnlyList<ActiveSessions>> FindActiveAsync(
        StatementScope scope, SessionSql sql, IReadOnlyList<string> sdNames, CancellationToken cancellationToken)
    {
        var statement = new Statement();
        statement.Text = sql.Active(MoveSql.Texts(statement, sdNames));
        return scope.RunAsync(
            "look for active sessions", statement, (reader, token) => ReadActiveAsync(reader, sdNames, token), active => active.Sum(a => a.Sessions.Count), cancellationToken);
    }

    private static async Task<IReadOnlyList<ActiveSessions>> ReadActiveAsync(NpgsqlDataReader reader, IReadOnlyList<string> sdNames, CancellationToken cancellationToken)
    {
        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
        var rows = new SessionRowReader(reader);
        var sessions = new List<ImplementationSession>[sdNames.Count];
        var active = new ActiveSessions[sdNames.Count];
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            int at = (int)reader.GetInt64(rows.Next) - 1;
            sessions[at] ??= [];
            active[at] ??= new ActiveSessions(sdNames[at], Text(rows.Next + 1), Text(rows.Next + 2), Text(rows.Next + 3), sessions[at]);
            if (!reader.IsDBNull(0))
            {
                sessions[at].Add(rows.Read().Row);
            }
        }

        return active;
    }
}
