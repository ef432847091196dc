using LeoPS.Statuses;
using static LeoPS.ExecutionStatus;
using static LeoPS.Statuses.StampAction;

namespace LeoPS.Executions;

/// <summary>The transition table of crewai_flow_executions.</summary>
public static class ExecutionTransitions
{
    /// <summary>The table.</summary>
    public static TransitionTable<ExecutionStatus> Table { get; } = new(
        noun: "execution",
        stampColumns: ["started_at", "completed_at"],
        moves:
        [
            new(Pending, Running, [Now, Keep]),
            new(Pending, Cancelled, [Keep, Now]),
            new(Running, Completed, [Keep, Now]),
            new(Running, Failed, [Keep, Now]),
            new(Running, Cancelled, [Keep, Now]),
            new(Running, ExecutionStatus.Timeout, [Keep, Now]),
        ],
        ownStamps: new Dictionary<ExecutionStatus, string>
        {
            [Running] = "started_at",
            [Completed] = "completed_at",
            [Failed] = "completed_at",
            [Cancelled] = "completed_at",
            [ExecutionStatus.Timeout] = "completed_at",
        },
        ranks: new Dictionary<ExecutionStatus, int> { [Pending] = 0, [Running] = 1, [Completed] = 2, [Failed] = 2, [Cancelled] = 2, [ExecutionStatus.Timeout] = 2 },
        needReason: []);
}
