using LeoPS.Changes;

namespace LeoPS.Executions;

/// <summary>Why a claim took no run, decided from what a later look at the queue shows.</summary>
public static class ClaimVerdict
{
    /// <summary>Decides.</summary>
    /// <param name="claim">What was wanted.</param>
    /// <param name="sight">What the look shows.</param>
    /// <param name="freeBefore">The free run that the look before this one showed, with a claim between the two; null where there was none.</param>
    /// <param name="role">The role in force, for messages.</param>
    /// <returns>Failed with its error; LookAgain where a run is free; null where there is nothing to do.</returns>
    public static Verdict? Of(RunClaim claim, QueueSight sight, Guid? freeBefore, string role)
    {
        if (claim.NamesFlow && sight.Flows == 0)
        {
            return Fail(LeoErrors.FlowNotFound(claim.FlowKey!, role));
        }

        if (claim.NamesFlow && !claim.Rules.Allows(sight.FlowStatus))
        {
            return Fail(LeoErrors.FlowNotRunnable(claim.FlowKey!, sight.FlowStatus));
        }

        if (sight.FreeId is not { } free)
        {
            return null;
        }

        // Free in two looks, and not taken by the claim between them: row level security lets it be read and not locked.
        return free == freeBefore
            ? Fail(LeoErrors.Forbidden(claim.Rules.Move.Table.Noun, sight.FreeLabel!, role))
            : new Verdict(VerdictKind.LookAgain, null);
    }

    private static Verdict Fail(LeoException error) => new(VerdictKind.Failed, error);
}
