using LeoPS.Changes;
using LeoPS.Text;

namespace LeoPS.Handoffs;

/// <summary>One handoff that is to be made, or put back as it was. Its id is known before it is written, so that a lost answer can be asked for again.</summary>
public sealed record HandoffDraft : IRowChange<Guid>
{
    /// <summary>id.</summary>
    public Guid Id { get; init; } = Guid.NewGuid();

    /// <summary>session_id; null for the one active session of the strategic directive.</summary>
    public Guid? SessionId { get; init; }

    /// <summary>The strategic directive by its id or its key, or by its id alone for one that is put back; null for the session's.</summary>
    public string? Sd { get; init; }

    /// <summary>The content columns.</summary>
    public HandoffValues Values { get; init; } = new();

    /// <summary>Further columns of the table.</summary>
    public AdditionalColumns AdditionalColumns { get; init; } = AdditionalColumns.None;

    /// <summary>Status and times of a handoff that is put back; null for a new one, which begins as Preparing, now.</summary>
    public RestoredState? State { get; init; }

    /// <inheritdoc/>
    public object? Source { get; init; }

    /// <summary>There is no row yet.</summary>
    RowGuard? IRowChange.Guard => null;

    /// <summary>Fails where a new handoff lacks what it needs, or a column cannot hold its value.</summary>
    /// <returns>This draft.</returns>
    /// <exception cref="LeoException">ValueOutOfRange; ReferenceNotFound for a directive's name that no column holds.</exception>
    public HandoffDraft Check()
    {
        if (SessionId is null && Sd is null)
        {
            throw new LeoException(
                LeoErrorId.ValueOutOfRange, "It is not said for what the handoff is. Give -SdId (an SD's id or key) or -SessionId, or columns of these names.");
        }

        if (Sd is not null && !StoredText.IsStorable(Sd))
        {
            throw LeoErrors.NoSuchName(LeoErrorId.ReferenceNotFound, "strategic directive", Sd);
        }

        _ = Values.Has(ContentColumn.ImplementationSummary) ? Values.Check() : throw HandoffValues.NoSummary();
        return this;
    }
}
