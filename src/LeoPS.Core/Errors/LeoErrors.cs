using System.Globalization;
using LeoPS.Access;
using LeoPS.Executions;
using LeoPS.Statuses;
using LeoPS.Text;

namespace LeoPS;

/// <summary>The failures of rows and calls, worded in one place.</summary>
public static class LeoErrors
{
    /// <summary>An exception that nothing expected.</summary>
    public static LeoException Unexpected(string cmdlet, Exception exception) => exception switch
    {
        ObjectDisposedException => new LeoException(
            LeoErrorId.NotConnected,
            $"The connection was closed while {cmdlet} used it, most likely by Disconnect-LeoDatabase. What was on its way may or may not have been done: connect again, and read the rows.",
            innerException: exception),
        _ => new LeoException(
            LeoErrorId.DatabaseError,
            $"{cmdlet} met what it does not expect ({exception.GetType().Name}: {exception.Message.TrimEnd('.')}), and ended. What was on its way may or may not have been done: read the rows before you repeat it. "
            + "This is a fault of LeoPS: please report it with $Error[0].Exception.InnerException.",
            innerException: exception),
    };

    /// <summary>A piped thing that names no row.</summary>
    public static LeoException InvalidIdentity(string noun, string what) =>
        new(LeoErrorId.InvalidIdentity, $"{what} does not identify {WithArticle(noun)}. Give {WithArticle(noun)} object, its id (a GUID), or a row with an Id column.");

    /// <summary>A piped thing that names no flow.</summary>
    public static LeoException InvalidFlow(string what) =>
        new(LeoErrorId.InvalidIdentity, $"{what} does not identify a flow. Give a flow object, its key or its id (a GUID), or a row with a FlowKey or FlowId column.");

    /// <summary>
    /// A name that no text column can hold names no row, like any other name that no row has: the condition is that of an unknown name, and the
    /// server, which would refuse the whole statement, is not asked.
    /// </summary>
    /// <param name="errorId">What an unknown name of this kind is: FlowNotFound, NotFound or ReferenceNotFound.</param>
    /// <param name="noun">What the row would be.</param>
    /// <param name="name">The name.</param>
    public static LeoException NoSuchName(LeoErrorId errorId, string noun, string name) => new(
        errorId, $"There is no {noun} '{Short(StoredText.Clean(name)!)}': the name holds a NUL or half of a character, which no text column holds. Check the name.");

    /// <summary>A wildcard where the name of one row is meant.</summary>
    public static LeoException PatternForOne(string noun, string typed, string remedy) =>
        new(LeoErrorId.InvalidIdentity, $"'{Short(typed)}' is a pattern, and one {noun} is meant. {remedy}");

    /// <summary>A piped thing that names no strategic directive.</summary>
    public static LeoException InvalidDirective(string what) =>
        new(LeoErrorId.InvalidIdentity, $"{what} does not identify a strategic directive. Give a strategic directive, its id or its key, or a row with an SdId, SdKey or Id column.");

    /// <summary>A row that was given to the database and that it did not keep.</summary>
    public static LeoException LeftOut(string noun, string label) =>
        new(LeoErrorId.Forbidden, $"The database took the {noun} {Short(label)} and made no row of it: a trigger or a rule left it out.");

    /// <summary>A row that a unique constraint or index has already, where no obstacle was found.</summary>
    /// <param name="noun">What a row is called.</param>
    /// <param name="label">What this one is called.</param>
    /// <param name="name">The name of the constraint or index, as the server gave it.</param>
    /// <param name="constraint">The same as the catalog has it; null where it was not found.</param>
    /// <param name="role">The role from which row level security may hide that row; null where it does not bind the role.</param>
    public static LeoException Taken(string noun, string label, string? name, TableConstraint? constraint, string? role)
    {
        string what = constraint?.Describe() ?? $"unique index {name ?? "of the table"}";
        string alike = constraint is { Columns.Count: > 0 } ? $" with the same {string.Join(", ", constraint.Columns)}" : "";
        return new LeoException(
            LeoErrorId.ValueOutOfRange,
            $"The {noun} {Short(label)} cannot be made, because there is a row{alike} already; {what} (23505).{(role is null ? "" : $" That row may be hidden from role {role} by row level security.")}",
            "23505");
    }

    /// <summary>A status that is not reached without a reason.</summary>
    public static LeoException ReasonRequired<TStatus>(string noun, TStatus target)
        where TStatus : struct, Enum =>
        new(LeoErrorId.ReasonRequired, $"{Capital(WithArticle(noun))} is not moved to {target} without a reason. Say why with -Reason.");

    /// <summary>No visible row.</summary>
    public static LeoException NotFound(string noun, string label, string role) =>
        new(LeoErrorId.NotFound, $"There is no {noun} {Named(label)}, or it is hidden from role {role} by row level security. Check the id and the database (Test-LeoDatabase).");

    /// <summary>No visible flow.</summary>
    public static LeoException FlowNotFound(string label, string role) =>
        new(LeoErrorId.FlowNotFound, $"There is no flow {Named(label)}, or it is hidden from role {role} by row level security. Get-Flow lists those that can be seen.");

    /// <summary>A flow that is not started.</summary>
    public static LeoException FlowNotRunnable(string label, FlowStatus? status) => new(
        LeoErrorId.FlowNotRunnable,
        $"Flow {Short(label)} is {status?.ToString() ?? "without a status"}, and only {string.Join(" and ", RunStartRules.Runnable)} flows are started. -Force starts it all the same; Set-Flow changes its status.");

    /// <summary>No way from one status to the other.</summary>
    /// <param name="table">The transition table of the rows.</param>
    /// <param name="label">The row.</param>
    /// <param name="status">Its status.</param>
    /// <param name="to">Where it was to go.</param>
    /// <param name="forcible">True where whoever asked can have it all the same.</param>
    public static LeoException InvalidTransition<TStatus>(TransitionTable<TStatus> table, string label, TStatus? status, TStatus to, bool forcible = true)
        where TStatus : struct, Enum
    {
        if (status is not { } from)
        {
            return new LeoException(LeoErrorId.InvalidTransition, $"{Capital(table.Noun)} {label} has no status and was not moved to {to}: its status column is null. Give it a status with SQL.");
        }

        IReadOnlyList<TStatus> targets = table.TargetsOf(from);
        string ways = targets.Count == 0
            ? $"{from} is terminal"
            : $"from {from} it can go to {string.Join(" or ", targets)}";
        return new LeoException(LeoErrorId.InvalidTransition, $"{Capital(table.Noun)} {label} is {from} and was not moved to {to}: {ways}.{(forcible ? " -Force allows a move off the path." : "")}");
    }

    /// <summary>A row that has the status already, where values were to be written with it.</summary>
    public static LeoException AlreadyThere<TStatus>(string noun, string label, TStatus status)
        where TStatus : struct, Enum =>
        new(LeoErrorId.InvalidTransition, $"{Capital(noun)} {label} is {status} already, and the values given for it were not written. Read it to see which it has.");

    /// <summary>A handoff that is blocked, with all that was found.</summary>
    public static LeoException NotReady(HandoffReadinessReport report) =>
        new(LeoErrorId.NotReady, $"Handoff {report.Id} ({report.SdKey}) is not ready, with a score of {report.Score}, and was not moved: {List(report.Findings)}. Test-HandoffPreparation says what to do about each.");

    /// <summary>Findings on one line.</summary>
    internal static string List(IReadOnlyList<ReadinessFinding> findings) => string.Join("; ", findings.Select(f => f.ToString().TrimEnd('.')));

    /// <summary>The row is not the one that the object was read from any more.</summary>
    public static LeoException StatusConflict<TStatus>(string noun, string label, string? knownStatus, TStatus? now, DateTimeOffset? updatedAt)
        where TStatus : struct, Enum
    {
        string was = knownStatus is null ? "" : $" (it was {knownStatus} then)";
        string at = updatedAt is null ? "" : string.Create(CultureInfo.InvariantCulture, $", updated {updatedAt.Value.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z");
        return new LeoException(LeoErrorId.StatusConflict, $"{Capital(noun)} {label} changed since it was read{was}: it is {now?.ToString() ?? "without a status"} now{at}. It was left alone; read it again and decide.");
    }

    /// <summary>The content of the row is not what the object was read with any more.</summary>
    public static LeoException EditConflict(string noun, string label, DateTimeOffset? updatedAt)
    {
        string at = updatedAt is null ? "" : string.Create(CultureInfo.InvariantCulture, $", last updated {updatedAt.Value.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z");
        return new LeoException(LeoErrorId.EditConflict, $"{Capital(noun)} {label} changed since it was read{at}. It was left alone, so that nobody's change is lost; read it again and decide.");
    }

    /// <summary>A row that others keep changing faster than it can be moved.</summary>
    public static LeoException KeepsChanging(string noun, string label) =>
        new(LeoErrorId.StatusConflict, $"{Capital(noun)} {label} kept changing while it was to be moved. It was left alone; try again.");

    /// <summary>An id that came before in the same pipe.</summary>
    public static LeoException RepeatedId(string noun, object id) =>
        new(LeoErrorId.StatusConflict, $"{Capital(noun)} {id} came earlier in the same pipe; the first one counts and this one was not looked at. Send each id once.");

    /// <summary>Readable and not changeable; what the catalog says of it follows (<see cref="Access.TableAccess.OfRow"/>).</summary>
    public static LeoException Forbidden(string noun, string label, string role) =>
        new(LeoErrorId.Forbidden, $"Role {role} can read {noun} {label}, but not change it.");

    /// <summary>A run that could be started and never ended.</summary>
    public static LeoException NeverEnded(string flow, string role) =>
        new(LeoErrorId.Forbidden, $"Role {role} could start a run of flow {Short(flow)} and would not be allowed to end it: no row level security policy lets it change executions. Nothing was started. Connect as a role that may, such as service_role.");

    /// <summary>Held by another transaction.</summary>
    public static LeoException RowLocked(string noun, string label, TimeSpan waited) =>
        new(LeoErrorId.RowLocked, string.Create(CultureInfo.InvariantCulture, $"{Capital(noun)} {label} is locked by another transaction, and was not free within {waited.TotalSeconds:0.###} s. It was left alone; try again, or wait longer with -LockTimeout."));

    /// <summary>A value that cannot be represented.</summary>
    public static LeoException UnreadableRow(string noun, string id, string column, string why) =>
        new(LeoErrorId.UnreadableRow, $"{Capital(noun)} {id} cannot be read: column {column} {why}. The other rows are not affected; correct the value with SQL.");

    /// <summary>All or nothing, and it was nothing.</summary>
    public static LeoException BatchRolledBack(string noun, int rows, int failed) =>
        new(LeoErrorId.BatchRolledBack, $"None of the {rows} {noun}s was changed: {failed} could not be, and -Atomic means all or none. Each has an error of its own before this one: correct those or leave them out, and run it again.");

    /// <summary>A row that was on its way when the connection broke.</summary>
    public static LeoException Unanswered(string noun, object id, LeoException lost) =>
        new(LeoErrorId.ConnectionLost, $"{Capital(noun)} {id} was on its way when the connection broke, and no answer came: it may or may not have been written. Read it again before you repeat it.", lost.SqlState) { UnknownIds = [id] };

    /// <summary>The end of a bulk change whose connection broke; its rows have their own errors.</summary>
    public static LeoException CallLost(string noun, IReadOnlyList<object> unknownIds, LeoException lost) =>
        new(LeoErrorId.ConnectionLost, $"{(lost.UnknownIds.Count == 0 ? lost.Message : "The connection to the server broke.")} The call ended here: {unknownIds.Count} {noun}s were on their way, and each has an error of its own before this one; those not yet sent were left alone.", lost.SqlState) { UnknownIds = unknownIds };

    /// <summary>A transaction over all rows whose answer did not come.</summary>
    public static LeoException AtomicLost(string noun, IReadOnlyList<object> ids, LeoException lost) =>
        new(LeoErrorId.ConnectionLost, $"{lost.Message} All of the {ids.Count} {noun}s were changed, or none (see UnknownIds).", lost.SqlState) { UnknownIds = ids };

    /// <summary>The error at which a bulk change ends, with what became of the rows beside it.</summary>
    public static LeoException Ending(LeoException error, IReadOnlyList<object> changed, IReadOnlyList<object> unknown)
    {
        string note = changed.Count == 0
            ? " No other row of this batch was changed."
            : $" {changed.Count} other rows of the batches on their way did change (see ChangedIds): {Some(changed)}";
        if (unknown.Count > 0)
        {
            note += $" Of {unknown.Count} on their way nobody knows whether they changed (see UnknownIds); read them again: {Some(unknown)}";
        }

        return new LeoException(error.ErrorId, error.Message + note, error.SqlState) { ChangedIds = changed, UnknownIds = unknown };
    }

    /// <summary>The first ten ids, for a message.</summary>
    public static string Some(IReadOnlyList<object> ids) => string.Join(", ", ids.Take(10)) + (ids.Count > 10 ? ", …" : "");

    /// <summary>The call was stopped before the row's turn came.</summary>
    public static LeoException Stopped(string noun) =>
        new(LeoErrorId.BatchRolledBack, $"The call was stopped before this {noun} could be changed; it was left alone.");

    /// <summary>A transaction inside a transaction.</summary>
    public static LeoException NestedTransaction() =>
        new(LeoErrorId.DatabaseError, "A transaction is open on this connection already, and PostgreSQL knows no transaction inside another. Put all of it into one Invoke-LeoTransaction.");

    /// <summary>A run that is to be seen by others, in a transaction.</summary>
    public static LeoException OwnedInTransaction() =>
        new(LeoErrorId.DatabaseError, "A transaction is open on this connection, and what runs in it is seen by nobody, and lost with it. Invoke-FlowExecution stands outside of Invoke-LeoTransaction.");

    /// <summary>A transaction that was taken back because rows failed in it.</summary>
    public static LeoException TransactionRolledBack(int failed) =>
        new(LeoErrorId.BatchRolledBack, $"The transaction was rolled back, and nothing in it was kept: {(failed == 1 ? "a row" : $"{failed} rows")} failed. Each has an error of its own before this one: correct those or leave them out, and run it again; -ErrorAction Continue keeps the rows that did not fail.");

    /// <summary>Nothing recorded the status changes of a table.</summary>
    public static LeoException HistoryMissing(string noun) =>
        new(LeoErrorId.HistoryMissing, $"This database keeps no history of {noun}s. Install-LeoSchema -WithHistory makes one, which records every status change from then on.");

    /// <summary>A write over a connection that takes none.</summary>
    /// <param name="cause">Why it takes none, and what to do.</param>
    /// <param name="sqlState">The server's code; null where it was not asked.</param>
    public static LeoException ReadOnlyConnection(string cause, string? sqlState) =>
        new(LeoErrorId.ReadOnlyConnection, $"The connection is read-only and nothing was written. {cause}", sqlState);

    /// <summary>No connection to use.</summary>
    /// <param name="everConnected">True where Connect-LeoDatabase ran in this process.</param>
    /// <param name="open">The names of the connections that are open in this process.</param>
    /// <param name="closed">The runspace's default, which was closed; null where it never had one.</param>
    public static LeoException NotConnected(bool everConnected, IReadOnlyList<string> open, string? closed)
    {
        if (!everConnected)
        {
            return new(
                LeoErrorId.NotConnected,
                "There is no connection. Run Connect-LeoDatabase, or set LEOPS_DATABASE_URL; Start-LeoSandbox makes a private server to try things on.");
        }

        string state = closed is null ? "This runspace has opened no connection." : $"The default connection of this runspace, {closed}, was closed.";
        return new(LeoErrorId.NotConnected, open.Count == 0
            ? $"{state} Run Connect-LeoDatabase, or Start-LeoSandbox for a sandbox that was stopped."
            : $"{state} Open in this process: {string.Join(", ", open)}. Add -Connection '{open[^1]}' (in ForEach-Object -Parallel also "
                + "-Connection $using:connection), or run Connect-LeoDatabase here.");
    }

    /// <summary>A label that somebody typed, cut where it is no name any more.</summary>
    internal static string Short(string label)
    {
        // Before it is cut: half of a connection string is not known for one.
        string shown = Redaction.Redact(label);
        return shown.Length <= 120 ? shown : $"{shown[..117]}...";
    }

    /// <summary>A label by which somebody asked; a blank one is seen to be one.</summary>
    private static string Named(string label) => string.IsNullOrWhiteSpace(label) ? $"'{Short(label)}'" : Short(label);

    /// <summary>"a handoff", "an execution".</summary>
    internal static string WithArticle(string noun) => $"{("aeiouAEIOU".Contains(noun[0]) ? "an" : "a")} {noun}";

    /// <summary>The name with a capital letter, for the beginning of a sentence.</summary>
    internal static string Capital(string noun) => char.ToUpperInvariant(noun[0]) + noun[1..];
}
