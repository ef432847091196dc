using System.Globalization;
using LeoPS.PostgresTests.Handoffs;
using LeoPS.Statuses;

namespace LeoPS.PostgresTests.Executions;

/// <summary>A run that is to be measured.</summary>
internal sealed record MeasuredRun(
    Guid FlowId, ExecutionStatus? Status, ExecutionMode? Mode, Guid? User, MeasuredTime Started, MeasuredTime Completed, int? DurationMs, int? Tokens, decimal? Cost, bool CostIsNaN)
{
    public const string Columns = "(flow_id, execution_key, status, execution_mode, executed_by, started_at, completed_at, duration_ms, token_count, cost_usd)";

    public string Values =>
        $"('{FlowId}', gen_random_uuid(), {Text(Status is { } s ? StatusNames<ExecutionStatus>.ToColumn(s) : null)}, {Text(Mode is { } m ? StatusNames<ExecutionMode>.ToColumn(m) : null)}, {Text(User?.ToString())}, "
        + $"{Started.Sql}, {Completed.Sql}, {DurationMs?.ToString(CultureInfo.InvariantCulture) ?? "null"}, {Tokens?.ToString(CultureInfo.InvariantCulture) ?? "null"}, "
        + $"{(CostIsNaN ? "'NaN'" : Cost?.ToString(CultureInfo.InvariantCulture) ?? "null")})";

    /// <summary>What it cost, as far as it is a number.</summary>
    public decimal? KnownCost => CostIsNaN ? null : Cost;

    public bool HasEnded => Status is ExecutionStatus.Completed or ExecutionStatus.Failed or ExecutionStatus.Cancelled or ExecutionStatus.Timeout;

    /// <summary>Seconds.</summary>
    public double? Duration => DurationMs is { } ms ? ms / 1000d : (Completed.Value - Started.Value)?.TotalSeconds;

    private static string Text(string? text) => text is null ? "null" : $"'{text}'";
}
