using LeoPS.Reading;

namespace LeoPS.Executions;

/// <summary>Which executions to read, in which order, and how many.</summary>
public sealed record ExecutionQuery : RowQuery<ExecutionFilter, ExecutionOrder>;
