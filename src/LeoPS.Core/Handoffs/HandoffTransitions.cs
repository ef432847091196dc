using LeoPS.Statuses;
using static LeoPS.HandoffStatus;
using static LeoPS.Statuses.StampAction;

namespace LeoPS.Handoffs;

/// <summary>The transition table of exec_handoff_preparations. updated_at is stamped by every change and so is not listed.</summary>
public static class HandoffTransitions
{
    /// <summary>The table.</summary>
    public static TransitionTable<HandoffStatus> Table { get; } = new(
        noun: "handoff",
        stampColumns: ["sent_at", "response_at"],
        moves:
        [
            new(Preparing, Ready, [Keep, Keep]),
            new(Ready, Preparing, [Keep, Keep]),
            new(Ready, Sent, [Now, Keep]),
            new(Sent, Accepted, [Keep, Now]),
            new(Sent, Rejected, [Keep, Now]),
            new(Rejected, Preparing, [Clear, Clear]),
        ],
        ownStamps: new Dictionary<HandoffStatus, string>
        {
            [Sent] = "sent_at",
            [Accepted] = "response_at",
            [Rejected] = "response_at",
        },
        ranks: new Dictionary<HandoffStatus, int> { [Preparing] = 0, [Ready] = 1, [Sent] = 2, [Accepted] = 3, [Rejected] = 3 },
        needReason: [Rejected]);
}
