using System.Globalization;

namespace LeoPS.Flows;

/// <summary>The executions of a flow.</summary>
/// <param name="Count">Those that the role sees.</param>
/// <param name="Going">Those of them that have not ended.</param>
/// <param name="MayBeHidden">True where row level security may hide others.</param>
public readonly record struct FlowExecutionCount(long Count, long Going, bool MayBeHidden)
{
    /// <summary>What a removal does, for questions.</summary>
    public string Describe()
    {
        string executions = (Count, MayBeHidden) switch
        {
            (0, false) => "",
            (0, true) => " with the executions that it may have, hidden by row level security",
            (_, true) => string.Create(CultureInfo.InvariantCulture, $" with its executions, {Count:N0} that can be seen and any that are hidden by row level security"),
            (1, _) => " with its 1 execution",
            _ => string.Create(CultureInfo.InvariantCulture, $" with its {Count:N0} executions"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"Remove{executions}{(Going > 0 ? $", {Going:N0} of them not ended" : "")}");
    }
}
