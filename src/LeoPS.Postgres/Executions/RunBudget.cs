namespace LeoPS.Postgres.Executions;

/// <summary>The budget of a run after an edit, as expressions over the row e and the input i.</summary>
/// <param name="Consumed">What it has consumed.</param>
/// <param name="Limit">What it may consume; null where there is no limit.</param>
internal sealed record RunBudget(string Consumed, string Limit);
