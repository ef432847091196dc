namespace LeoPS.Postgres.Schema;

/// <summary>One object of the history, and the statements that make it.</summary>
/// <param name="Description">What it is, for people and to find it by: "index handoff_history_sd_id on leops.handoff_history".</param>
/// <param name="Statements">The CREATE, and what belongs to it.</param>
/// <param name="Role">The role that must be there first; null for most.</param>
internal sealed record HistoryStep(string Description, IReadOnlyList<string> Statements, string? Role)
{
    /// <summary>The body of a function; null for anything else.</summary>
    public string? Body => Statements[0].StartsWith("CREATE FUNCTION", StringComparison.Ordinal) ? Statements[0].Split("$$")[1] : null;

    /// <summary>The statement that renews a function; whoever may use it stays as it is.</summary>
    public string Renewal => Statements[0].Replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", StringComparison.Ordinal);
}
