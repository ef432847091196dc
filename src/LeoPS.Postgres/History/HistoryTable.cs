using LeoPS.Postgres.Executions;
using LeoPS.Postgres.Handoffs;

namespace LeoPS.Postgres.History;

/// <summary>The history of one table: what history.sql is made for, and what statements over it need to know.</summary>
/// <param name="Name">The history's own name, in schema leops.</param>
/// <param name="Table">The table whose status changes it has, in schema public.</param>
/// <param name="StatusColumn">The status column of that table.</param>
/// <param name="Channel">What a change is notified on.</param>
/// <param name="Labels">The columns by which people know the rows, kept with each change because the row may be gone later; each has an index.</param>
/// <param name="Reason">The SQL of a change's reason; n is the row as it became.</param>
/// <param name="ReasonColumn">The column of the table that <paramref name="Reason"/> reads; null where it reads none.</param>
internal sealed record HistoryTable(
    string Name, string Table, string StatusColumn, string Channel, IReadOnlyList<(string Column, string Type)> Labels, string Reason, string? ReasonColumn)
{
    /// <summary>Of exec_handoff_preparations.</summary>
    public static readonly HistoryTable Handoffs = new(
        "handoff_history",
        HandoffColumns.Table,
        HandoffColumns.Definition.StatusColumn,
        "leops_handoff",
        [("sd_id", "text")],
        "change.why",
        null);

    /// <summary>Of crewai_flow_executions. A run that ends badly says itself why; a stack trace in its message stays there.</summary>
    public static readonly HistoryTable Executions = new(
        "execution_history",
        ExecutionColumns.Table,
        ExecutionColumns.Definition.StatusColumn,
        "leops_execution",
        [("flow_id", "uuid"), ("execution_key", "text")],
        "coalesce(change.why, case when n.status in ('failed', 'cancelled', 'timeout') then left(n.error_message, 1000) end)",
        "error_message");

    /// <summary>Both.</summary>
    public static readonly IReadOnlyList<HistoryTable> All = [Handoffs, Executions];

    /// <summary>The name with its schema.</summary>
    public string QualifiedName => $"leops.{Name}";

    /// <summary>The columns of the table that the history reads.</summary>
    public IEnumerable<string> NeededColumns => [.. Labels.Select(l => l.Column).Prepend(StatusColumn).Prepend("id"), .. ReasonColumn is null ? (string[])[] : [ReasonColumn]];
}
