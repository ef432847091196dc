using LeoPS.Changes;
using LeoPS.Text;

namespace LeoPS.Executions;

/// <summary>The oldest queued runs that one worker wants to start.</summary>
/// <param name="Rules">How they start; Force takes runs of archived and deprecated flows too.</param>
/// <param name="Count">How many at the most.</param>
/// <param name="FlowKey">Key of their flow, with PowerShell wildcards; null for any flow.</param>
/// <param name="Values">The columns that are written for each of them.</param>
public sealed record RunClaim(RunStartRules Rules, int Count, string? FlowKey, RunValues Values)
{
    /// <summary>How many refused runs a claim reports; a value that every run refuses must not take a worker through the whole queue.</summary>
    public const int MaxRefusals = 8;

    /// <summary>How many runs one statement starts at the most; a claim that is atomic starts all of them in one.</summary>
    public int BatchSize { get; init; } = int.MaxValue;

    /// <summary>The runs that the database refused to start so far; they are passed over.</summary>
    public IReadOnlyList<Guid> Refused { get; private init; } = [];

    /// <summary>True for what is left of a claim that has started or reported runs: that it finds no run is no error.</summary>
    public bool IsRest { get; private init; }

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

    /// <summary>What is left of this claim after some of its runs were started; null where that was all.</summary>
    public RunClaim? After(int started) => started < Count ? this with { Count = Count - started, IsRest = true } : null;

    /// <summary>What is left of this claim after the database refused to start a run; null where it has reported enough of them.</summary>
    public RunClaim? AfterRefusal(Guid run) =>
        Refused.Count + 1 < MaxRefusals ? this with { Refused = [.. Refused, run], IsRest = true } : null;
}

/// <summary>One step of a claim.</summary>
/// <param name="Outcomes">The runs that were started, or one that was refused, or one Failed outcome where the flow that is named does not start.</param>
/// <param name="Rest">What is still to be claimed; null where there is nothing more.</param>
public sealed record ClaimStep(IReadOnlyList<ChangeOutcome<FlowExecution>> Outcomes, RunClaim? Rest);
