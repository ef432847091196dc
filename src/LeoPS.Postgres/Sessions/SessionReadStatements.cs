using LeoPS.Postgres.Directives;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Sessions;
using Npgsql;

namespace LeoPS.Postgres.Sessions;

/// <summary>The statements of a reading of implementation sessions.</summary>
internal sealed class SessionReadStatements(SessionSql sql) : ReadStatements<ImplementationSession, SessionFilter, SessionOrder>(sql)
{
    private const string SdId = "s.sd_id";

    public override RowReader<ImplementationSession> Reader(NpgsqlDataReader reader) => new SessionRowReader(reader);

    protected override IEnumerable<string> Conditions(SessionFilter filter, Statement statement)
    {
        if (filter.Ids is { } ids)
        {
            yield return ConditionSql.IsOneOf(statement, "s.id", ids);
        }

        if (filter.SdNames is { } names)
        {
            yield return DirectiveNames.RefersTo(statement, SdId, names);
        }

        if (filter.SdIds is { } sdIds)
        {
            yield return DirectiveNames.Refers(statement, SdId, sdIds);
        }

        if (filter.Statuses is { } statuses)
        {
            yield return ConditionSql.IsOneOf(statement, Of("status"), statuses);
        }

        if (filter.Types is { } types)
        {
            yield return ConditionSql.IsOneOf(statement, Of("implementation_type"), types);
        }

        if (filter.OlderThan is { } age)
        {
            yield return $"{Of("started_at")} < now() - {KeysetSql.Age(statement, age)}";
        }
    }

    protected override (string Column, string Type) Column(SessionOrder order) => order switch
    {
        SessionOrder.Id => ("s.id", "uuid"),
        SessionOrder.StartedAt => (Of("started_at"), "timestamptz"),
        SessionOrder.CompletedAt => (Of("completed_at"), "timestamptz"),
        SessionOrder.CreatedAt => (Of("created_at"), "timestamptz"),
        SessionOrder.UpdatedAt => (Of("updated_at"), "timestamptz"),
        SessionOrder.SdId => (SdId, "text"),
        SessionOrder.Status => (Of("status"), "text"),
        SessionOrder.ImplementationType => (Of("implementation_type"), "text"),
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };
}
