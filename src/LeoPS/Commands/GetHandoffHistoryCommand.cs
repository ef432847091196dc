using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Handoffs;
using LeoPS.History;
using LeoPS.Ports;

namespace LeoPS.Commands;

/// <summary>Get-HandoffHistory: who moved which handoff when, from which status to which, and why; newest first.</summary>
[Cmdlet(VerbsCommon.Get, "HandoffHistory")]
[OutputType(typeof(HandoffHistoryEntry))]
public sealed class GetHandoffHistoryCommand : HistoryCmdlet<HandoffHistoryEntry, HandoffHistoryQuery, HandoffPreparation, HandoffIdentity>
{
    /// <summary>Handoffs whose changes are meant: objects, ids, or rows with an Id.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [AllowNull]
    [HandoffIdentityTransformation]
    public HandoffIdentity[]? InputObject { get; set; }

    /// <summary>SD ids or keys, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? SdId { get; set; }

    /// <inheritdoc/>
    private protected override string Noun => HandoffTransitions.Table.Noun;

    /// <inheritdoc/>
    private protected override IHistoryStore<HandoffHistoryEntry, HandoffHistoryQuery> Store => Database.HandoffHistory;

    /// <inheritdoc/>
    private protected override bool OnlyIds => SdId is null && After is null && Before is null;

    /// <inheritdoc/>
    protected override void ProcessRecord() => Ask(InputObject ?? []);

    /// <inheritdoc/>
    private protected override HandoffHistoryQuery Query(IReadOnlyList<Guid>? ids) =>
        new() { Ids = ids, After = After, Before = Before, First = First, SdIds = SdId };

    /// <inheritdoc/>
    private protected override void ReportUnknownNames()
    {
        if (!AnyCame)
        {
            ReportUnknownSds(SdId);
        }
    }
}
