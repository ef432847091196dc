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
        _ => TryRead(PipedRow.Of(input), input),
    };

    /// <summary>Neither a GUID nor JSON.</summary>
    private static bool IsKey(string text) => text.Length > 0 && !Guid.TryParse(text, out _) && !IsJson(text);

    private FlowIdentity TryRead(PipedRow row, object? input)
    {
        try
        {
            return Read(row, input);
        }
        catch (LeoException unreadable)
        {
            return new FlowIdentity(unreadable, input);
        }
    }

    /// <exception cref="LeoException">InvalidIdentity where the FlowId is no GUID.</exception>
    private FlowIdentity Read(PipedRow row, object? input)
    {
        string? runKind = RunKinds.FirstOrDefault(row.StemsFrom);
        if (row.ForeignKind([nameof(Flow), nameof(HistoryEntry), .. RunKinds]) is { } kind)
        {
            return Refuse(LeoErrors.Capital(LeoErrors.WithArticle(kind)), input);
        }

        if (row.HasUnreadableId)
        {
            return Refuse(row.Description, input);
        }

        Guid? flowId = IdOf(row, nameof(Flow.FlowId));
        // A row that has an id of its own beside its flow's is a run, whatever it went through.
        if (runKind is not null || (row.Id is not null && flowId is not null && row.Id != flowId))
        {
            return AcceptsRuns && flowId is { } flowOfRun
                ? new FlowIdentity(flowOfRun, default, null, input)
                : Refuse(runKind is not null ? $"A {runKind}" : "A row whose Id is not its FlowId, as in a row of a run,", input);
        }

        FlowVersion known = KnownOf(row, out LeoException? unreadable);
        if ((flowId ?? row.Id) is { } id)
        {
            return new FlowIdentity(id, known, null, input) { GuardError = unreadable };
        }

        return ColumnValue.Text(row[nameof(Flow.FlowKey)]) is { } key && StoredText.IsStorable(key)
            ? new FlowIdentity(key, known, input) { GuardError = unreadable }
            : Refuse(row.Description, input);
    }

    private static FlowVersion KnownOf(PipedRow row, out LeoException? error)
    {
        error = null;
        try
        {
            return new FlowVersion(
                ColumnValue.Version(nameof(Flow.RowVersion), row[nameof(Flow.RowVersion)]),
                ColumnValue.Text(row[nameof(Flow.ContentHash)]));
        }
        catch (LeoException unreadable)
        {
            error = unreadable;
            return default;
        }
    }

    private static FlowIdentity Refuse(string what, object? input) => new(LeoErrors.InvalidFlow(what), input);
}
