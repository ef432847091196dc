using LeoPS.Flows;
using LeoPS.Text;

namespace LeoPS.Binding;

/// <summary>Binds flows from whatever names them; see <see cref="FlowIdentity"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FlowIdentityTransformationAttribute : IdentityTransformationAttribute
{
    private static readonly string[] RunKinds = [nameof(FlowExecution), nameof(FlowExecutionHistoryEntry)];

    /// <summary>True where an execution stands for the flow that it is a run of; false where it is refused.</summary>
    public bool AcceptsRuns { get; init; }

    /// <inheritdoc/>
    private protected override object Pack(IEnumerable<object?> inputs) => inputs.Select(One).ToArray();

    private FlowIdentity One(object? input) => Bare(input) switch
    {
        Flow row => new FlowIdentity(row.Id, FlowVersion.Of(row), row, row),
        FlowIdentity identity => identity,
        Guid id when id != Guid.Empty => new FlowIdentity(id, default, null, input),
        string text when IsKey(text.Trim()) => FlowIdentity.OfTyped(text.Trim(), input),
        _ => Read(PipedRow.Of(input), input),
    };

    /// <summary>Neither a GUID nor JSON.</summary>
    private static bool IsKey(string text) => text.Length > 0 && !Guid.TryParse(text, out _) && !IsJson(text);

    private FlowIdentity Read(PipedRow row, object? input)
    {
        string? runKind = RunKinds.FirstOrDefault(row.StemsFrom);
        if (row.ForeignKind([nameof(Flow), nameof(HistoryEntry), .. RunKinds]) is { } kind)
        {
            return Refuse(LeoErrors.Capital(LeoErrors.WithArticle(kind)), input);
        }

        Guid? flowId = Guid.TryParse(row[nameof(Flow.FlowId)]?.ToString(), out Guid parsed) && parsed != Guid.Empty ? parsed : null;
        // A row that has an id of its own beside its flow's is a run, whatever it went through.
        if (runKind is not null || (row.Id is not null && flowId is not null && row.Id != flowId))
        {
            return AcceptsRuns && flowId is { } flowOfRun
                ? new FlowIdentity(flowOfRun, default, null, input)
                : Refuse(runKind is not null ? $"A {runKind}" : "A row whose Id is not its FlowId, as in a row of a run,", input);
        }

        var known = new FlowVersion(
            uint.TryParse(row[nameof(Flow.RowVersion)]?.ToString(), out uint version) ? version : null,
            ColumnValue.Text(row[nameof(Flow.ContentHash)]));
        if ((flowId ?? row.Id) is { } id)
        {
            return new FlowIdentity(id, known, null, input);
        }

        // An id that is none is a mistake, which the key must not cover up.
        bool hasId = ColumnValue.Text(row[nameof(Flow.Id)]) is not null || ColumnValue.Text(row[nameof(Flow.FlowId)]) is not null;
        return !hasId && ColumnValue.Text(row[nameof(Flow.FlowKey)]) is { } key && StoredText.IsStorable(key)
            ? new FlowIdentity(key, known, input)
            : Refuse(row.Description, input);
    }

    private static FlowIdentity Refuse(string what, object? input) => new(LeoErrors.InvalidFlow(what), input);
}
