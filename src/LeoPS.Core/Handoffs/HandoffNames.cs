using LeoPS.Text;

namespace LeoPS.Handoffs;

/// <summary>The names that a row of handoffs may have, whatever file it comes from.</summary>
public static class HandoffNames
{
    // What our own rows have beside their content: read, or passed over, and never a mistake.
    private static readonly HashSet<string> _beside = new(StringComparer.OrdinalIgnoreCase)
    {
        nameof(HandoffPreparation.Id), nameof(HandoffPreparation.SessionId), nameof(HandoffPreparation.SdId), nameof(HandoffPreparation.SdKey), nameof(HandoffPreparation.SdTitle),
        nameof(HandoffPreparation.HandoffStatus), nameof(HandoffPreparation.Status),
        nameof(HandoffPreparation.PreparedAt), nameof(HandoffPreparation.SentAt), nameof(HandoffPreparation.ResponseAt), nameof(HandoffPreparation.CreatedAt), nameof(HandoffPreparation.UpdatedAt),
        nameof(HandoffPreparation.RowVersion), nameof(HandoffPreparation.AdditionalColumns),
    };

    /// <summary>True for a name that our own rows have beside their content.</summary>
    public static bool IsBeside(string name) => _beside.Contains(name);

    /// <summary>A name that no handoff has.</summary>
    /// <param name="what">What has it, such as "Column".</param>
    /// <param name="name">The name.</param>
    public static LeoException Unknown(string what, string name)
    {
        string shown = Redaction.Redact(LeoErrors.Short(name));
        string hint = NearestName.Find(name, [.. ContentColumn.All.Select(c => c.Property), nameof(HandoffPreparation.SessionId), nameof(HandoffPreparation.SdId)]) is { } meant
            ? $"Perhaps {meant} is meant."
            : $"The columns are SessionId, SdId, {string.Join(", ", ContentColumn.All)}.";
        return new LeoException(LeoErrorId.ValueOutOfRange, $"{what} '{shown}' is none of a handoff's, so the row was not written. {hint}");
    }
}
