using LeoPS.Text;

namespace LeoPS.Executions;

/// <summary>The oldest queued runs that one worker wants to start.</summary>
/// <param name="Rules">How they start; Force takes runs of archived and deprecated flows too.</param>
/// <param name="Count">How many at the most.</param>
/// <param name="FlowKey">Key of their flow, with PowerShell wildcards; null for any flow.</param>
/// <param name="Values">The columns that are written for each of them.</param>
public sealed record RunClaim(RunStartRules Rules, int Count, string? FlowKey, RunValues Values)
{
    /// <summary>True where a run that the database refuses to start fails the whole claim; false where it is reported and passed over.</summary>
    public bool IsAtomic { get; init; }

    /// <summary>True where one flow is named in full: that it is not there is then worth an error.</summary>
    public bool NamesFlow => FlowKey is not null && !Wildcard.IsPattern(FlowKey);

    /// <summary>Fails where the flow's key is none that can be looked for.</summary>
    /// <returns>This claim.</returns>
    /// <exception cref="LeoException">InvalidIdentity for an empty key; FlowNotFound for what no key can be.</exception>
    public RunClaim Check()
    {
        if (FlowKey is not null && string.IsNullOrWhiteSpace(FlowKey))
        {
            throw LeoErrors.InvalidFlow("An empty flow key");
        }

        return FlowKey is null || StoredText.IsStorable(FlowKey)
            ? this
            : throw LeoErrors.NoSuchName(LeoErrorId.FlowNotFound, "flow", FlowKey);
    }
}
