using System.Globalization;
using LeoPS.Statuses;
using LeoPS.Text;

namespace LeoPS.Executions;

/// <summary>What a run that did not end well is to whoever waited for it.</summary>
public static class RunFailure
{
    /// <summary>The failure of an ended run; null where it completed.</summary>
    public static LeoException? Of(FlowExecution row)
    {
        ArgumentNullException.ThrowIfNull(row);
        (LeoErrorId Id, string How)? failure = row.Status switch
        {
            ExecutionStatus.Failed => (LeoErrorId.ExecutionFailed, "failed"),
            ExecutionStatus.Timeout => (LeoErrorId.ExecutionTimedOut, "timed out"),
            ExecutionStatus.Cancelled => (LeoErrorId.ExecutionCancelled, "was cancelled"),
            _ => null,
        };
        if (failure is not { } known)
        {
            return null;
        }

        string after = row.DurationMs is { } milliseconds ? $" after {Duration.Elapsed(TimeSpan.FromMilliseconds(milliseconds))}" : "";
        string why = string.Join(": ", new[] { row.ErrorType, row.ErrorMessage }.Where(t => !string.IsNullOrWhiteSpace(t)).Select(t => LeoErrors.Short(OneLine(t!))));
        return new LeoException(
            known.Id, $"Execution {((IStatusRow<ExecutionStatus>)row).GetLabel()} {known.How}{after}{(why.Length == 0 ? ", and does not say why" : $": {Redaction.Redact(why)}")}. Restart-FlowExecution runs it again.");
    }

    /// <summary>Runs that still go on when the time is up.</summary>
    /// <param name="ids">The runs.</param>
    /// <param name="waited">How long they were waited for.</param>
    /// <param name="parameter">The parameter that says how long, for the message.</param>
    public static LeoException Overdue(IReadOnlyList<Guid> ids, TimeSpan waited, string parameter = "-Timeout")
    {
        ArgumentNullException.ThrowIfNull(ids);
        string time = string.Create(CultureInfo.InvariantCulture, $"{waited.TotalSeconds:0.###} s");
        return new LeoException(
            LeoErrorId.WaitTimedOut, $"{(ids.Count == 1 ? "An execution" : $"{ids.Count:N0} executions")} had not ended within {time}: {LeoErrors.Some([.. ids])}. {(ids.Count == 1 ? "It was left alone" : "They were left alone")}; wait longer with {parameter}, or end what does not end with Stop-FlowExecution.");
    }

    /// <summary>A run that went away while it was waited for.</summary>
    public static LeoException Deleted(Guid id, string role) => new(
        LeoErrorId.NotFound, $"Execution {id} was deleted while it was waited for, or is hidden from role {role} by row level security now.");

    private static string OneLine(string text) => string.Join(' ', text.Split((char[])['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries));
}
