using LeoPS.Directives;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using Npgsql;

namespace LeoPS.Postgres.Directives;

/// <summary>The statements of a reading of strategic directives.</summary>
internal sealed class DirectiveReadStatements(DirectiveSql sql) : ReadStatements<StrategicDirective, DirectiveFilter, DirectiveOrder>(sql)
{
    public override RowReader<StrategicDirective> Reader(NpgsqlDataReader reader) => new DirectiveRowReader(reader);

    protected override IEnumerable<string> Conditions(DirectiveFilter filter, Statement statement)
    {
        if (filter.Names is { } names)
        {
            yield return DirectiveNames.IsOneOf(statement, names);
        }

        if (filter.SdIds is { } sdIds)
        {
            yield return DirectiveNames.Is(statement, sdIds);
        }

        (string Column, IReadOnlyList<string>? Given, string Parameter)[] words =
            [("status", filter.Statuses, "-Status"), ("category", filter.Categories, "-Category"), ("priority", filter.Priorities, "-Priority")];
        foreach ((string column, IReadOnlyList<string>? given, string parameter) in words.Where(w => w.Given is not null))
        {
            yield return PatternSql.MatchesInAnyCase(statement, Of(column), given!, parameter);
        }
    }

    protected override (string Column, string Type) Column(DirectiveOrder order) => order switch
    {
        DirectiveOrder.Id => ("sd.id", "text"),
        DirectiveOrder.SdKey => ("sd.sd_key", "text"),
        DirectiveOrder.Title => (Of("title"), "text"),
        DirectiveOrder.Status => (Of("status"), "text"),
        DirectiveOrder.Category => (Of("category"), "text"),
        DirectiveOrder.Priority => (Of("priority"), "text"),
        DirectiveOrder.CreatedAt => (Of("created_at"), "timestamptz"),
        DirectiveOrder.UpdatedAt => (Of("updated_at"), "timestamptz"),
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };
}
