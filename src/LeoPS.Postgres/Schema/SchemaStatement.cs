namespace LeoPS.Postgres.Schema;

/// <summary>One statement of the schema files, and what it makes.</summary>
/// <param name="Kind">What it makes.</param>
/// <param name="Sql">The statement, without its semicolon.</param>
/// <param name="Table">The table it belongs to, without its schema; empty where it belongs to none.</param>
/// <param name="Name">The name of what it makes: a column for a comment, "TABLE public.x" for a grant on it.</param>
internal sealed record SchemaStatement(SchemaStatementKind Kind, string Sql, string Table, string Name)
{
    /// <summary>The definition of a constraint, index, policy or trigger; the privileges of a grant.</summary>
    public string Definition { get; init; } = "";

    /// <summary>Columns of a table.</summary>
    public IReadOnlyList<SchemaColumn> Columns { get; init; } = [];

    /// <summary>Roles that must be there first: those of a policy or a grant, "public" left out.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>For people: "index idx_flow_exec_status on public.crewai_flow_executions".</summary>
    public string Description => Kind switch
    {
        SchemaStatementKind.Role => $"role {Name}",
        SchemaStatementKind.Schema => $"schema {Name}",
        SchemaStatementKind.Function => $"function {Name}",
        SchemaStatementKind.Table => $"table public.{Table}",
        SchemaStatementKind.Comment => $"comment on column public.{Table}.{Name}",
        SchemaStatementKind.RowSecurity => $"row level security on public.{Table}",
        SchemaStatementKind.Grant => $"grant of {Definition} on {Name} to {Roles[0]}",
        _ => $"{Kind.ToString().ToLowerInvariant()} {Name} on public.{Table}",
    };
}
