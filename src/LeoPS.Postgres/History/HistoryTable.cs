using LeoPS.Postgres.Executions;
using LeoPS.Postgres.Handoffs;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.History;

/// <summary>The history of one table: what history.sql is made for, and what statements over it need to know.</summary>
/// <param name="Name">The history's own name, in schema leops.</param>
/// <param name="Of">The table whose status changes it has.</param>
/// <param name="Channel">What a change is notified on.</param>
/// <param name="Labels">The columns by which people know the rows, kept with each change because the row may be gone later; each has an index.</param>
/// <param name="Reason">The SQL of a change's reason; n is the row as it became.</param>
/// <param name="ReasonColumn">The column of the table that <paramref name="Reason"/> reads; null where it reads none.</param>
internal sealed record HistoryTable(
    string Name, TableDefinition Of, string Channel, IReadOnlyList<(string Column, string Type)> Labels, string Reason, string? ReasonColumn)
{
    /// <summary>Of exec_handoff_preparations.</summary>
    public static readonly HistoryTable Handoffs = new(
        "handoff_history",
        HandoffColumns.Definition,
        "leops_handoff",
        [("sd_id", "text")],
        "change.why",
        null);

    /// <summary>Of crewai_flow_executions. A run that ends badly says itself why; a stack trace in its message stays there.</summary>
    public static readonly HistoryTable Executions = new(
        "execution_history",
        ExecutionColumns.Definition,
        "leops_execution",
        [("flow_id", "uuid"), ("execution_key", "text")],
        "coalesce(change.why, case when n.status in ('failed', 'cancelled', 'timeout') then left(n.error_message, 1000) end)",
        "error_message");

    /// <summary>Both.</summary>
    public static readonly IReadOnlyList<HistoryTable> All = [Handoffs, Executions];

    /// <summary>The table's name, in schema public.</summary>
    public string Table => Of.Name;

    /// <summary>What a row of the table is called in messages.</summary>
    public string Noun => Of.Noun;

    /// <summary>The status column of the table.</summary>
    public string StatusColumn => Of.StatusColumn;

    /// <summary>The name with its schema.</summary>
    public string QualifiedName => $"leops.{Name}";

    /// <summary>The columns of the table that the history reads.</summary>
    public IEnumerable<string> NeededColumns => [.. Labels.Select(l => l.Column).Prepend(StatusColumn).Prepend("id"), .. ReasonColumn is null ? (string[])[] : [ReasonColumn]];
}
