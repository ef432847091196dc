using System.Globalization;
using LeoPS.Access;

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

        return new LeoException(
            LeoErrorId.StatusConflict,
            $"Strategic directive {active.Label} has an active session already: {Describe(first)}. It has one at the most: use that one, end it first "
            + $"(Set-ImplementationSession -Id {first.Id} -Status Completed), or give another -Status.");
    }

    /// <summary>What stands in the way of an edit of a session as it is now; null where nothing can be seen that does.</summary>
    /// <param name="edit">What is to be written.</param>
    /// <param name="row">The session.</param>
    /// <param name="rivals">The sessions that have the status already.</param>
    public static LeoException? Obstacle(SessionEdit edit, ImplementationSession row, SessionRivals rivals)
    {
        if (edit.Status is not { } status || row.Status == status || rivals.Sessions.FirstOrDefault(r => r.SdId == row.SdId && r.Status == status && r.Id != row.Id) is not { } rival)
        {
            return null;
        }

        string directive = row.SdKey ?? row.SdId;
        if (status == SessionStatus.Active)
        {
            return new LeoException(
                LeoErrorId.StatusConflict,
                $"Session {row.Id} was not made Active: strategic directive {directive} has an active session already, {Describe(rival)}, and it has one at the most. "
                + $"End that one first: Set-ImplementationSession -Id {rival.Id} -Status Completed.");
        }

        return rivals.UniqueIndex is not { } index ? null : new LeoException(
            LeoErrorId.StatusConflict,
            $"Session {row.Id} cannot become {status}: strategic directive {directive} has a session of that status already, {Describe(rival)}, and constraint {index}, "
            + $"UNIQUE (sd_id, status), allows one of each status. Give this session or that one another status, or remove the old one with SQL.");
    }

    /// <summary>What a unique constraint means that refused an edit with a status.</summary>
    /// <param name="status">The status that was to be written.</param>
    /// <param name="name">The name of the constraint or index; null where the server did not give it.</param>
    /// <param name="constraint">The same as the catalog has it; null where it was not found.</param>
    /// <param name="sqlState">The server's code.</param>
    public static LeoException Taken(SessionStatus status, string? name, TableConstraint? constraint, string sqlState) => new(
        LeoErrorId.StatusConflict,
        $"The session was not made {status}: another one is there with the same {(constraint is { Columns.Count: > 0 } ? string.Join(", ", constraint.Columns) : "values")}; "
        + $"{constraint?.Describe() ?? $"constraint {name ?? "of the table"}"} ({sqlState}). Get-ImplementationSession -Status {status} lists those with this status.",
        sqlState);

    private static string Describe(ImplementationSession session)
    {
        string since = session.StartedAt is { } started ? string.Create(CultureInfo.InvariantCulture, $", started {started.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z") : "";
        string type = session.ImplementationType is { } known ? $", {known}" : "";
        return $"{session.Id}{type}{since}";
    }
}
