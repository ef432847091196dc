using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Handoffs;
using LeoPS.Reading;

namespace LeoPS.Commands;

/// <summary>Get-HandoffPreparation: streams handoffs; every filter runs on the server.</summary>
[Cmdlet(VerbsCommon.Get, "HandoffPreparation")]
[OutputType(typeof(HandoffPreparation), typeof(string))]
public sealed class GetHandoffPreparationCommand : ReadingCmdlet<HandoffPreparation, HandoffFilter, HandoffOrder, HandoffIdentity>
{
    /// <summary>Handoffs to read again: objects, ids, or rows with an Id.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [AllowNull]
    [HandoffIdentityTransformation]
    public HandoffIdentity[]? InputObject { get; set; }

    /// <summary>Ids to match.</summary>
    [Parameter]
    [ValidateNotNull]
    [NoSecretTransformation]
    public Guid[]? Id { get; set; }

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

    /// <summary>Goes on after this handoff, in the same order.</summary>
    [Parameter]
    [HandoffIdentityTransformation]
    public HandoffIdentity[]? ResumeAfter { get; set; }

    /// <summary>Only the newest handoff of each SD; the other filters judge that one.</summary>
    [Parameter]
    public SwitchParameter Latest { get; set; }

    /// <summary>Not terminal, and longer than this in the present status.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan? Stuck { get; set; }

    /// <inheritdoc/>
    private protected override string Noun => HandoffTransitions.Table.Noun;

    /// <inheritdoc/>
    protected override void ProcessRecord() => Ask(InputObject ?? []);

    /// <inheritdoc/>
    private protected override void ReadByParameters()
    {
        ReadSelected(Id, Place(ResumeAfter));
        // Where rows came and one SD was named, it is known.
        if (!AnyCame || SdId is { Length: > 1 })
        {
            ReportUnknownSds(SdId);
        }
    }

    /// <inheritdoc/>
    private protected override IAsyncEnumerable<IReadOnlyList<ReadItem<HandoffPreparation>>> Stream(HandoffFilter filter, ReadRange range, CancellationToken cancellationToken) =>
        Database.Handoffs.ReadAsync(Query<HandoffQuery>(filter, range), Context, cancellationToken);

    /// <inheritdoc/>
    private protected override HandoffFilter Filter(IReadOnlyList<Guid>? ids) => new()
    {
        Ids = ids ?? Id,
        SdIds = SdId,
        SessionIds = SessionId,
        Statuses = Status,
        After = After,
        Before = Before,
        Stuck = Stuck,
        Latest = Latest,
    };

    /// <inheritdoc/>
    private protected override string Line(HandoffPreparation row) => HandoffJson.Line(row);
}
