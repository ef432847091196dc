using System.Globalization;

namespace LeoPS.Sessions;

/// <summary>Why an implementation session was not made, decided from what a later look shows; or, before anything is written, what would come of it.</summary>
public static class SessionVerdict
{
    /// <summary>What a session is called in messages.</summary>
    public const string Noun = "implementation session";

    /// <summary>What stands in the way; null where nothing can be seen that does.</summary>
    /// <param name="session">What was to be made.</param>
    /// <param name="active">The directive and its active sessions.</param>
    /// <param name="role">The role in force, for messages.</param>
    public static LeoException? Obstacle(NewSession session, ActiveSessions active, string role)
    {
        if (active.SdId is null)
        {
            return new LeoException(
                LeoErrorId.ReferenceNotFound,
                $"There is no strategic directive with the id or key {LeoErrors.Short(session.Sd)}, or it is hidden from role {role} by row level security. Get-StrategicDirective lists those that can be seen.");
        }

        if (session.Status != SessionStatus.Active || active.Sessions is not [{ } first, ..])
        {
            return null;
        }

        string since = first.StartedAt is { } started ? string.Create(CultureInfo.InvariantCulture, $", started {started.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z") : "";
        string type = first.ImplementationType is { } known ? $", {known}" : "";
        return new LeoException(
            LeoErrorId.StatusConflict,
            $"Strategic directive {active.Label} has an active session already: {first.Id}{type}{since}. It has one at the most: use that one, end it first, or give another -Status.");
    }
}
