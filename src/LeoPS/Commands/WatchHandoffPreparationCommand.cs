using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Handoffs;
using LeoPS.Ports;

namespace LeoPS.Commands;

/// <summary>Watch-HandoffPreparation: gives handoffs as their status changes, until it is stopped.</summary>
[Cmdlet(VerbsCommon.Watch, "HandoffPreparation")]
[OutputType(typeof(HandoffPreparation))]
public sealed class WatchHandoffPreparationCommand : WatchingCmdlet<HandoffPreparation, HandoffWatch>
{
    /// <summary>SD ids or keys, with wildcards.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? SdId { get; set; }

    /// <summary>Statuses that a handoff comes to.</summary>
    [Parameter]
    [EnumTransformation<HandoffStatus>]
    public HandoffStatus[]? Status { get; set; }

    /// <inheritdoc/>
    private protected override IChangeFeed<HandoffPreparation, HandoffWatch> Feed => Database.HandoffFeed;

    /// <inheritdoc/>
    private protected override string WithoutHistory =>
        "updated_at is looked at again and again: changes of programs that do not stamp it are missed, and so are all but the last of several quick ones.";

    /// <inheritdoc/>
    private protected override HandoffWatch MakeWatch()
    {
        // Nothing would ever come for an SD that was misspelt.
        ReportUnknownSds(SdId);
        return new HandoffWatch { SdIds = SdId, Statuses = Status };
    }

    /// <inheritdoc/>
    private protected override Guid IdOf(HandoffPreparation row) => row.Id;
}
