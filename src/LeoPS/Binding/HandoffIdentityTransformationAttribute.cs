using LeoPS.Changes;

namespace LeoPS.Binding;

/// <summary>Binds handoffs from whatever names them; see <see cref="HandoffIdentity"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HandoffIdentityTransformationAttribute : IdentityTransformationAttribute
{
    private const string Noun = "handoff";

    /// <inheritdoc/>
    private protected override object Pack(IEnumerable<object?> inputs) => inputs.Select(One).ToArray();

    private static HandoffIdentity One(object? input) => Bare(input) switch
    {
        HandoffPreparation row => new HandoffIdentity(row.Id, row.Guard, row, row),
        // Judged and then moved: the change finds the row that was judged, or is refused.
        HandoffReadinessReport report => new HandoffIdentity(report.Id, report.Handoff.Guard, report.Handoff, report),
        HandoffIdentity identity => identity,
        Guid id when id != Guid.Empty => new HandoffIdentity(id, null, null, input),
        _ => Read(PipedRow.Of(input), input),
    };

    private static HandoffIdentity Read(PipedRow row, object? input)
    {
        if (row.ForeignKind(nameof(HandoffPreparation), nameof(HandoffReadinessReport), nameof(HandoffHistoryEntry), nameof(HistoryEntry)) is { } kind)
        {
            return new HandoffIdentity(LeoErrors.InvalidIdentity(Noun, LeoErrors.Capital(LeoErrors.WithArticle(kind))), input);
        }

        if (row.Id is not { } id)
        {
            return new HandoffIdentity(LeoErrors.InvalidIdentity(Noun, row.Description), input);
        }

        RowGuard? guard = GuardOf<HandoffStatus>(row, nameof(HandoffPreparation.HandoffStatus), nameof(HandoffPreparation.UpdatedAt), out LeoException? unreadable);
        return new HandoffIdentity(id, guard, null, input, row.IsOfType(nameof(HandoffPreparation)) ? null : row) { GuardError = unreadable };
    }
}
