using LeoPS.Changes;

namespace LeoPS.Flows;

/// <summary>Why a flow was not made or not edited, decided from what a later look shows; or, before anything is written, what would come of it.</summary>
public static class FlowVerdict
{
    /// <summary>What a flow is called in messages.</summary>
    public const string Noun = "flow";

    /// <summary>Decides about an edit that wrote nothing.</summary>
    /// <param name="edit">What was to be written.</param>
    /// <param name="seen">The flow as a new snapshot shows it; null where it is not visible.</param>
    /// <param name="held">True where the row was passed over because another transaction holds it.</param>
    /// <param name="role">The role in force, for messages.</param>
    /// <param name="waited">The lock timeout, for messages.</param>
    public static LeoException OfEdit(FlowEdit edit, Flow? seen, bool held, string role, TimeSpan waited)
    {
        if (Preview(edit, seen, role) is { } refusal)
        {
            return refusal;
        }

        // An update of a row that can be seen and is the one meant: only row level security makes it silently none.
        string label = Label(seen!);
        return held ? LeoErrors.RowLocked(Noun, label, waited) : LeoErrors.Forbidden(Noun, label, role);
    }

    /// <summary>Decides, before anything is written, what stands in the way of an edit; null where nothing can be seen that does.</summary>
    public static LeoException? Preview(FlowEdit edit, Flow? seen, string role) =>
        seen is null ? LeoErrors.FlowNotFound(edit.Id.ToString(), role)
        : edit.Known.Matches(seen) ? null
        : LeoErrors.EditConflict(Noun, Label(seen), seen.UpdatedAt);

    /// <summary>Decides about a removal that deleted nothing.</summary>
    /// <param name="removal">What was to be deleted.</param>
    /// <param name="rules">What may go along.</param>
    /// <param name="seen">The flow as a new snapshot shows it; null where it is not visible.</param>
    /// <param name="executions">Its executions.</param>
    /// <param name="held">True where the row was passed over because another transaction holds it.</param>
    /// <param name="role">The role in force, for messages.</param>
    /// <param name="waited">The lock timeout, for messages.</param>
    public static LeoException OfRemoval(
        FlowRemoval removal, FlowRemovalRules rules, Flow? seen, FlowExecutionCount executions, bool held, string role, TimeSpan waited)
    {
        if (Preview(removal, rules, seen, executions, role) is { } refusal)
        {
            return refusal;
        }

        string label = Label(seen!);
        return held
            ? LeoErrors.RowLocked(Noun, label, waited)
            : new LeoException(LeoErrorId.Forbidden, $"Role {role} can read {Noun} {label}, but not delete it.");
    }

    /// <summary>Decides, before anything is deleted, what stands in the way of a removal; null where nothing can be seen that does.</summary>
    public static LeoException? Preview(FlowRemoval removal, FlowRemovalRules rules, Flow? seen, FlowExecutionCount executions, string role) =>
        seen is null ? LeoErrors.FlowNotFound(removal.Id.ToString(), role)
        : !removal.Known.Matches(seen) ? LeoErrors.EditConflict(Noun, Label(seen), seen.UpdatedAt)
        : rules.Obstacle(Label(seen), executions, role);

    /// <summary>Decides about a flow that was not made.</summary>
    /// <param name="flow">What was to be made.</param>
    /// <param name="holder">The flow that has its key; null where none can be seen.</param>
    /// <param name="again">True where it was tried a second time, after a look had shown nobody.</param>
    /// <param name="held">True where another transaction, not ended yet, is making or removing a flow of this key.</param>
    /// <param name="role">The role in force, for messages.</param>
    /// <param name="waited">The lock timeout, for messages.</param>
    /// <returns>Failed with its error; LookAgain where nothing stands in the way now.</returns>
    public static Verdict OfNew(NewFlow flow, Flow? holder, bool again, bool held, string role, TimeSpan waited)
    {
        if (Preview(flow, holder) is { } taken)
        {
            return new Verdict(VerdictKind.Failed, taken);
        }

        if (held)
        {
            return new Verdict(VerdictKind.Failed, LeoErrors.RowLocked(Noun, flow.FlowKey, waited));
        }

        return again
            ? new Verdict(VerdictKind.Failed, new LeoException(
                LeoErrorId.ValueOutOfRange, $"The flow key {flow.FlowKey} is taken by a flow that is hidden from role {role} by row level security, perhaps an archived one. Choose another key."))
            : new Verdict(VerdictKind.LookAgain, null);
    }

    /// <summary>Decides, before anything is written, what stands in the way of a new flow; null where nothing can be seen that does.</summary>
    public static LeoException? Preview(NewFlow flow, Flow? holder) => holder is null ? null : new LeoException(
        LeoErrorId.ValueOutOfRange,
        $"The flow key {flow.FlowKey} is taken by flow {holder.Id}, '{LeoErrors.Short(holder.FlowName)}', {holder.Status?.ToString() ?? "without a status"}. Choose another key, or change that flow: Set-Flow -FlowId {holder.Id}.");

    /// <summary>How messages name a flow.</summary>
    public static string Label(Flow flow) => $"{flow.FlowKey} ({flow.Id})";
}
