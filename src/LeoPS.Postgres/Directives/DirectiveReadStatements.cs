using LeoPS.Directives;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Directives;

/// <summary>The statements of a reading of strategic directives.</summary>
internal sealed class DirectiveReadStatements(DirectiveSql sql) : IReadStatements<StrategicDirective, DirectiveFilter, DirectiveOrder>
{
    private const string Id = "sd.id";

    public string Noun => DirectiveVerdict.Noun;

    public Statement Select(RowQuery<DirectiveFilter, DirectiveOrder> query, ResumePoint? place, long rows, long skip)
    {
        var statement = new Statement();
        (string column, string type) = Column(query.OrderBy);
        string? keyset = place is null ? null : KeysetSql.After(column, type, Id, query.Descending, place, statement);
        statement.Text = sql.Select(Where(query.Filter, statement, keyset), KeysetSql.OrderBy(column, Id, query.Descending), KeysetSql.Limit(statement, rows, skip));
        return statement;
    }

    public Statement? OrderKey(DirectiveOrder order, object id)
    {
        if (order == DirectiveOrder.Id)
        {
            return null;
        }

        var statement = new Statement();
        statement.Text = sql.OrderKey(Column(order).Column, statement.Add(id, NpgsqlDbType.Text));
        return statement;
    }

    public RowReader<StrategicDirective> Reader(NpgsqlDataReader reader) => new DirectiveRowReader(reader);

    private string Where(DirectiveFilter filter, Statement statement, string? keyset)
    {
        List<string> conditions = [];
        if (filter.Names is { } names)
        {
            conditions.Add(DirectiveNames.IsOneOf(statement, names));
        }

        if (filter.SdIds is { } sdIds)
        {
            conditions.Add(DirectiveNames.Is(statement, sdIds));
        }

        (string Column, IReadOnlyList<string>? Given, string Parameter)[] words =
            [("status", filter.Statuses, "-Status"), ("category", filter.Categories, "-Category"), ("priority", filter.Priorities, "-Priority")];
        conditions.AddRange(words
            .Where(w => w.Given is not null)
            .Select(w => PatternSql.MatchesInAnyCase(statement, sql.Of(w.Column), w.Given!, w.Parameter)));
        if (keyset is not null)
        {
            conditions.Add(keyset);
        }

        return $"where {(conditions.Count == 0 ? "true" : string.Join("\n  and ", conditions))}";
    }

    private (string Column, string Type) Column(DirectiveOrder order) => order switch
    {
        DirectiveOrder.Id => (Id, "text"),
        DirectiveOrder.SdKey => ("sd.sd_key", "text"),
        DirectiveOrder.Title => (sql.Of("title"), "text"),
        DirectiveOrder.Status => (sql.Of("status"), "text"),
        DirectiveOrder.Category => (sql.Of("category"), "text"),
        DirectiveOrder.Priority => (sql.Of("priority"), "text"),
        DirectiveOrder.CreatedAt => (sql.Of("created_at"), "timestamptz"),
        DirectiveOrder.UpdatedAt => (sql.Of("updated_at"), "timestamptz"),
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };
}
