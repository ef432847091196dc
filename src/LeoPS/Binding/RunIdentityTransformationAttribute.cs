using LeoPS.Changes;

namespace LeoPS.Binding;

/// <summary>Binds flows and executions from whatever names them; see <see cref="RunIdentity"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RunIdentityTransformationAttribute : IdentityTransformationAttribute
{
    /// <summary>True where a bare id or text is a flow's id or key; false where a bare id is an execution's.</summary>
    public bool BareNamesFlow { get; init; }

    /// <inheritdoc/>
    private protected override object Pack(IEnumerable<object?> inputs) => inputs.Select(One).ToArray();

    private RunIdentity One(object? input) => Bare(input) switch
    {
        Flow flow => new RunIdentity(flow.Id, flow.FlowKey, flow, null),
        FlowExecution row => new RunIdentity(row.Id, row.Guard, row, row),
        RunIdentity identity => identity,
        Guid id when id != Guid.Empty => OfId(id, input),
        string text when BareNamesFlow && IsKey(text) => new RunIdentity(null, text.Trim(), input, null),
        _ => TryRead(PipedRow.Of(input), input),
    };

    private RunIdentity OfId(Guid id, object? input, PipedRow? columns = null) =>
        BareNamesFlow ? new RunIdentity(id, null, input, columns) : new RunIdentity(id, null, null, input);

    /// <summary>Neither a GUID nor JSON.</summary>
    private static bool IsKey(string text) => !string.IsNullOrWhiteSpace(text) && !Guid.TryParse(text.Trim(), out _) && !text.TrimStart().StartsWith('{') && !IsJson(text.Trim());

    private RunIdentity TryRead(PipedRow row, object? input)
    {
        try
        {
            return Read(row, input);
        }
        catch (LeoException unreadable)
        {
            return new RunIdentity(unreadable, input);
        }
    }

    /// <exception cref="LeoException">InvalidIdentity where the FlowId is no GUID.</exception>
    private RunIdentity Read(PipedRow row, object? input)
    {
        if (row.ForeignKind(nameof(Flow), nameof(FlowExecution), nameof(FlowExecutionHistoryEntry), nameof(HistoryEntry)) is { } kind)
        {
            return new RunIdentity(Refuse(LeoErrors.Capital(LeoErrors.WithArticle(kind))), input);
        }

        if (row.HasUnreadableId)
        {
            return new RunIdentity(Refuse(row.Description), input);
        }

        Guid? flowId = IdOf(row, nameof(FlowExecution.FlowId));
        string? flowKey = row["FlowKey"]?.ToString() is { } key && !string.IsNullOrWhiteSpace(key) ? key : null;
        // A row that has an id of its own beside its flow's is an execution, whatever it went through.
        if (row.Id is { } id && (row.StemsFrom(nameof(FlowExecution)) || (flowId is not null && flowId != id)))
        {
            RowGuard? guard = GuardOf<ExecutionStatus>(row, nameof(FlowExecution.Status), null, out LeoException? unreadable);
            return new RunIdentity(id, guard, null, input) { GuardError = unreadable };
        }

        if (row.StemsFrom(nameof(Flow)))
        {
            flowId ??= row.Id;
        }

        return flowId is not null || flowKey is not null
            ? new RunIdentity(flowId, flowKey, input, Columns(row))
            : row.Id is { } bare
                ? OfId(bare, input, Columns(row))
                : new RunIdentity(Refuse(row.Description), input);
    }

    /// <summary>
    /// The row for the values that it brings: none of our own, and not the flow's metadata, status and additional columns, which come along in a
    /// file of flows.
    /// </summary>
    private static PipedRow? Columns(PipedRow row)
    {
        if (row.IsOfType(nameof(Flow)) || row.IsOfType(nameof(FlowExecution)))
        {
            return null;
        }

        PipedRow values = row.StemsFrom(nameof(Flow)) ? row.Without(nameof(Flow.Status)) : row;
        return row[nameof(Flow.FlowDefinition)] is null ? values : values.Without(nameof(Flow.Metadata)).Without(nameof(Flow.AdditionalColumns)).Without(nameof(Flow.Status));
    }

    private LeoException Refuse(string what) => BareNamesFlow ? LeoErrors.InvalidFlow(what) : LeoErrors.InvalidIdentity("execution", what);
}
