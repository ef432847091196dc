namespace LeoPS.Binding;

/// <summary>Binds flows and executions from whatever names them; see <see cref="RunIdentity"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RunIdentityTransformationAttribute : IdentityTransformationAttribute
{
    /// <summary>True where a bare id or text is a flow's id or key; false where a bare id is an execution's.</summary>
    public bool BareNamesFlow { get; init; }

    private string Noun => BareNamesFlow ? "flow" : "execution";

    /// <inheritdoc/>
    private protected override object Pack(IEnumerable<object?> inputs) => inputs.Select(One).ToArray();

    private RunIdentity One(object? input) => Bare(input) switch
    {
        Flow flow => new RunIdentity(flow.Id, flow.FlowKey, flow, null),
        FlowExecution row => new RunIdentity(row.Id, row.Guard, row, row),
        RunIdentity identity => identity,
        Guid id when id != Guid.Empty => OfId(id, input),
        string text when BareNamesFlow && IsKey(text) => new RunIdentity(null, text.Trim(), input, null),
        _ => Read(PipedRow.Of(input), input),
    };

    private RunIdentity OfId(Guid id, object? input) => BareNamesFlow ? new RunIdentity(id, null, input, null) : new RunIdentity(id, null, null, input);

    /// <summary>Neither a GUID nor a line of JSON.</summary>
    private static bool IsKey(string text) => !string.IsNullOrWhiteSpace(text) && !Guid.TryParse(text.Trim(), out _) && !text.TrimStart().StartsWith('{');

    private RunIdentity Read(PipedRow row, object? input)
    {
        if (row.ForeignKind(nameof(Flow), nameof(FlowExecution)) is { } kind)
        {
            return new RunIdentity(LeoErrors.InvalidIdentity(Noun, $"A {kind}"), input);
        }

        Guid? flowId = Guid.TryParse(row["FlowId"]?.ToString(), out Guid parsed) ? parsed : null;
        string? flowKey = row["FlowKey"]?.ToString();
        bool ours = row.IsOfType(nameof(Flow)) || row.IsOfType(nameof(FlowExecution));
        // A row that has an id of its own beside its flow's is an execution, whatever it went through.
        if (row.Id is { } id && (row.IsOfType(nameof(FlowExecution)) || (flowId is not null && flowId != id)))
        {
            return new RunIdentity(id, GuardOf(row, nameof(FlowExecution.Status)), null, input);
        }

        return flowId is not null || !string.IsNullOrWhiteSpace(flowKey)
            ? new RunIdentity(flowId, string.IsNullOrWhiteSpace(flowKey) ? null : flowKey, input, ours ? null : row)
            : row.Id is { } bare
                ? OfId(bare, input)
                : new RunIdentity(LeoErrors.InvalidIdentity(Noun, row.Description), input);
    }
}
