using LeoPS.Changes;
using LeoPS.Text;

namespace LeoPS.Handoffs;

/// <summary>Why a handoff was not made, decided from what a later look shows; or, before anything is written, what would come of it.</summary>
public static class DraftVerdict
{
    private const int SessionsShown = 5;

    /// <summary>Decides.</summary>
    /// <param name="rules">The rules of the call.</param>
    /// <param name="draft">What was to be made.</param>
    /// <param name="sight">What the look shows.</param>
    /// <param name="role">The role in force, for messages.</param>
    /// <param name="waited">The lock timeout, for messages.</param>
    /// <returns>Failed with its error; LookAgain where nothing stands in the way now.</returns>
    public static Verdict Of(DraftRules rules, HandoffDraft draft, DraftSight sight, string role, TimeSpan waited) =>
        Obstacle(rules, draft, sight, role) is { } error ? new Verdict(VerdictKind.Failed, error)
        : sight.Held ? new Verdict(VerdictKind.Failed, LeoErrors.RowLocked("session", draft.SessionId?.ToString() ?? $"of {draft.Sd}", waited))
        : new Verdict(VerdictKind.LookAgain, null);

    /// <summary>A handoff that is put back and is there.</summary>
    /// <param name="what">What is there, such as "Handoff" and its id.</param>
    public static LeoException Taken(string what) => new(
        LeoErrorId.StatusConflict,
        $"{what} is there already, and was left as it is: -FromJson puts back what is gone. Set-HandoffPreparation edits it; to have the line instead, remove it first (Remove-HandoffPreparation).");

    /// <summary>One that nothing keeps from being made, and that was not made twice.</summary>
    public static LeoException LeftOut(HandoffDraft draft) => new(
        LeoErrorId.Forbidden, $"The database took the handoff for {draft.Sd ?? draft.SessionId.ToString()} and made no row of it: a trigger or a rule left it out.");

    private static LeoException? Obstacle(DraftRules rules, HandoffDraft draft, DraftSight sight, string role)
    {
        if (rules.Restores && sight.IsThere)
        {
            return Taken($"Handoff {draft.Id}");
        }

        if (draft.Sd is { } sd && sight.SdId is null)
        {
            string pattern = Wildcard.IsPattern(sd) ? " It was taken as it stands: wildcards mean several." : "";
            return new LeoException(
                LeoErrorId.ReferenceNotFound,
                $"There is no strategic directive with the id{(rules.Restores ? "" : " or key")} {LeoErrors.Short(sd)}, or it is hidden from role {role} by row level security.{pattern} Get-StrategicDirective lists those that can be seen.");
        }

        if (draft.SessionId is not { } session)
        {
            return OfActive(draft, sight.ActiveSessions);
        }

        if (sight.SessionSd is not { } sessionSd)
        {
            return new LeoException(
                LeoErrorId.ReferenceNotFound, $"There is no implementation session {session}, or it is hidden from role {role} by row level security. Get-ImplementationSession lists those that can be seen.");
        }

        return rules.Restores || rules.Force || sight.SdId is null || sight.SdId == sessionSd ? null : new LeoException(
            LeoErrorId.ValueOutOfRange,
            $"Session {session} belongs to strategic directive {sessionSd}, and the handoff names {LeoErrors.Short(draft.Sd!)}. Correct one of them, leave out -SdId to take the session's, or make it all the same with -Force.");
    }

    private static LeoException? OfActive(HandoffDraft draft, IReadOnlyList<Guid> active)
    {
        if (active.Count == 1)
        {
            return null;
        }

        string sd = LeoErrors.Short(draft.Sd ?? "");
        string which = string.Join(", ", active.Take(SessionsShown)) + (active.Count > SessionsShown ? ", …" : "");
        return new LeoException(LeoErrorId.ReferenceNotFound, active.Count == 0
            ? $"Strategic directive {sd} has no active session that can be seen. Name one with -SessionId (Get-ImplementationSession), or begin one with New-ImplementationSession."
            : $"Strategic directive {sd} has {active.Count} active sessions: {which}. Say which with -SessionId.");
    }
}
