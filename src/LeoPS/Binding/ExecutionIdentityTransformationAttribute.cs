using LeoPS.Changes;

namespace LeoPS.Binding;

/// <summary>Binds executions from whatever names them; see <see cref="ExecutionIdentity"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExecutionIdentityTransformationAttribute : IdentityTransformationAttribute
{
    private const string Noun = "execution";

    /// <inheritdoc/>
    private protected override object Pack(IEnumerable<object?> inputs) => inputs.Select(One).ToArray();

    private static ExecutionIdentity One(object? input) => Bare(input) switch
    {
        FlowExecution row => new ExecutionIdentity(row.Id, row.Guard, row, row),
        ExecutionIdentity identity => identity,
        Guid id when id != Guid.Empty => new ExecutionIdentity(id, null, null, input),
        _ => Read(PipedRow.Of(input), input),
    };

    private static ExecutionIdentity Read(PipedRow row, object? input)
    {
        if (row.ForeignKind(nameof(FlowExecution), nameof(FlowExecutionHistoryEntry), nameof(HistoryEntry)) is { } kind)
        {
            return new ExecutionIdentity(LeoErrors.InvalidIdentity(Noun, LeoErrors.Capital(LeoErrors.WithArticle(kind))), input);
        }

        if (row.Id is not { } id)
        {
            return new ExecutionIdentity(LeoErrors.InvalidIdentity(Noun, row.Description), input);
        }

        RowGuard? guard = GuardOf<ExecutionStatus>(row, nameof(FlowExecution.Status), null, out LeoException? unreadable);
        bool isOurs = row.IsOfType(nameof(FlowExecution)) || row.IsOfType(nameof(HistoryEntry));
        return new ExecutionIdentity(id, guard, null, input, isOurs ? null : row) { GuardError = unreadable };
    }
}
