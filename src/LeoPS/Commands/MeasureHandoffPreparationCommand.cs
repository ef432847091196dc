using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Handoffs;

namespace LeoPS.Commands;

/// <summary>Measure-HandoffPreparation: counts, lead times and rejections, computed by the server.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "HandoffPreparation")]
[OutputType(typeof(HandoffMeasure))]
public sealed class MeasureHandoffPreparationCommand : DatabaseCmdlet
{
    /// <summary>What to tell the handoffs apart by; without it one measure of all.</summary>
    [Parameter(Position = 0)]
    [EnumTransformation<HandoffGroup>("a group")]
    public HandoffGroup[] GroupBy { get; set; } = [];

    /// <summary>SD ids or keys, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? SdId { get; set; }

    /// <summary>Implementation sessions to match.</summary>
    [Parameter]
    [ValidateNotNull]
    [NoSecretTransformation]
    public Guid[]? SessionId { get; set; }

    /// <summary>Statuses to match.</summary>
    [Parameter]
    [EnumTransformation<HandoffStatus>]
    public HandoffStatus[]? Status { get; set; }

    /// <summary>Prepared at or after this time.</summary>
    [Parameter]
    [ValidateNotNull]
    [TimeTransformation]
    public DateTimeOffset? After { get; set; }

    /// <summary>Prepared before this time.</summary>
    [Parameter]
    [ValidateNotNull]
    [TimeTransformation]
    public DateTimeOffset? Before { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var filter = new HandoffFilter { SdIds = SdId, SessionIds = SessionId, Statuses = Status, After = After, Before = Before };
        HandoffGroup[] groups = [.. GroupBy.Distinct()];
        WriteObject(Await(token => Database.Handoffs.MeasureAsync(filter, groups, Context, token)), enumerateCollection: true);
        ReportUnknownSds(SdId);
    }
}
