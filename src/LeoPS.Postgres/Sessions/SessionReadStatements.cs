using LeoPS.Postgres.Directives;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using LeoPS.Sessions;
using LeoPS.Statuses;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Sessions;

/// <summary>The statements of a reading of implementation sessions.</summary>
internal sealed class SessionReadStatements(SessionSql sql) : IReadStatements<ImplementationSession, SessionFilter, SessionOrder>
{
    private const string Id = "s.id";
    private const string SdId = "s.sd_id";

    public string Noun => SessionVerdict.Noun;

    public Statement Select(RowQuery<SessionFilter, SessionOrder> query, ResumePoint? place, long rows, long skip)
    {
        var statement = new Statement();
        (string column, string type) = Column(query.OrderBy);
        string? keyset = place is null ? null : KeysetSql.After(column, type, Id, query.Descending, place, statement);
        statement.Text = sql.Select(Where(query.Filter, statement, keyset), KeysetSql.OrderBy(column, Id, query.Descending), KeysetSql.Limit(statement, rows, skip));
        return statement;
    }

    public Statement? OrderKey(SessionOrder order, object id)
    {
        if (order == SessionOrder.Id)
        {
            return null;
        }

        var statement = new Statement();
        statement.Text = sql.OrderKey(Column(order).Column, statement.Add(id, NpgsqlDbType.Uuid));
        return statement;
    }

    public RowReader<ImplementationSession> Reader(NpgsqlDataReader reader) => new SessionRowReader(reader);

    private string Where(SessionFilter filter, Statement statement, string? keyset)
    {
        List<string> conditions = [];
        if (filter.Ids is { } ids)
        {
            conditions.Add($"{Id} = any({statement.Add(ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid)})");
        }

        if (filter.SdNames is { } names)
        {
            conditions.Add(DirectiveNames.RefersTo(statement, SdId, names));
        }

        if (filter.SdIds is { } sdIds)
        {
            conditions.Add(DirectiveNames.Refers(statement, SdId, sdIds));
        }

        if (filter.Statuses is { } statuses)
        {
            conditions.Add($"{sql.Of("status")} = any({MoveSql.Texts(statement, statuses.Select(StatusNames<SessionStatus>.ToColumn))})");
        }

        if (filter.Types is { } types)
        {
            conditions.Add($"{sql.Of("implementation_type")} = any({MoveSql.Texts(statement, types.Select(StatusNames<ImplementationType>.ToColumn))})");
        }

        if (keyset is not null)
        {
            conditions.Add(keyset);
        }

        return $"where {(conditions.Count == 0 ? "true" : string.Join("\n  and ", conditions))}";
    }

    private (string Column, string Type) Column(SessionOrder order) => order switch
    {
        SessionOrder.Id => (Id, "uuid"),
        SessionOrder.StartedAt => (sql.Of("started_at"), "timestamptz"),
        SessionOrder.CompletedAt => (sql.Of("completed_at"), "timestamptz"),
        SessionOrder.CreatedAt => (sql.Of("created_at"), "timestamptz"),
        SessionOrder.UpdatedAt => (sql.Of("updated_at"), "timestamptz"),
        SessionOrder.SdId => (SdId, "text"),
        SessionOrder.Status => (sql.Of("status"), "text"),
        SessionOrder.ImplementationType => (sql.Of("implementation_type"), "text"),
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };
}
