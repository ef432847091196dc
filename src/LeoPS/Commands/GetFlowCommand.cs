using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Flows;
using LeoPS.Reading;
using LeoPS.Text;

namespace LeoPS.Commands;

/// <summary>Get-Flow: streams flows; every filter runs on the server.</summary>
[Cmdlet(VerbsCommon.Get, "Flow")]
[OutputType(typeof(Flow), typeof(string))]
public sealed class GetFlowCommand : ReadingCmdlet<Flow, FlowFilter, FlowOrder, FlowIdentity>
{
    private readonly HashSet<string> _metKeys = new(StringComparer.Ordinal);

    /// <summary>By key, as people look for them.</summary>
    public GetFlowCommand() => OrderBy = FlowOrder.FlowKey;

    /// <summary>Flows to read again: objects, ids, keys, rows with an Id, FlowId or FlowKey, or executions, whose flow is meant.</summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    [FlowIdentityTransformation(AcceptsRuns = true)]
    public FlowIdentity[]? InputObject { get; set; }

    /// <summary>Keys, with wildcards.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? FlowKey { get; set; }

    /// <summary>Ids to match.</summary>
    [Parameter]
    [ValidateNotNull]
    [NoSecretTransformation]
    public Guid[]? FlowId { get; set; }

    /// <summary>Statuses to match.</summary>
    [Parameter]
    [EnumTransformation<FlowStatus>]
    public FlowStatus[]? Status { get; set; }

    /// <summary>Tags of which a flow has at least one.</summary>
    [Parameter]
    [ValidateNotNull]
    public string[]? Tag { get; set; }

    /// <summary>Goes on after this flow, in the same order.</summary>
    [Parameter]
    [FlowIdentityTransformation]
    public FlowIdentity[]? ResumeAfter { get; set; }

    /// <inheritdoc/>
    private protected override string Noun => FlowVerdict.Noun;

    /// <inheritdoc/>
    protected override void ProcessRecord() => Ask(InputObject ?? []);

    /// <inheritdoc/>
    private protected override void ReadByParameters()
    {
        ReadSelected(FlowId, Place(Resolved(ResumeAfter)));
        // One that came is there; one that another filter, or a limit, leaves out may be.
        ReportMissingFlows([.. Wildcard.Names(FlowKey).Where(k => !_metKeys.Contains(k))]);
    }

    /// <inheritdoc/>
    private protected override IAsyncEnumerable<IReadOnlyList<ReadItem<Flow>>> Stream(FlowFilter filter, ReadRange range, CancellationToken cancellationToken) =>
        Database.Flows.ReadAsync(Query<FlowQuery>(filter, range), Context, cancellationToken);

    /// <inheritdoc/>
    private protected override FlowFilter Filter(IReadOnlyList<Guid>? ids) => new()
    {
        Ids = ids ?? FlowId,
        FlowKeys = Wildcard.Findable(FlowKey),
        Statuses = Status,
        Tags = Tag,
    };

    /// <inheritdoc/>
    private protected override FlowFilter Again(IReadOnlyList<FlowIdentity> asked) =>
        Filter([.. asked.Where(a => a.FlowKey is null).Select(a => a.Id).Distinct()]) with { OrKeys = [.. asked.Select(a => a.FlowKey).OfType<string>().Distinct(StringComparer.Ordinal)] };

    /// <inheritdoc/>
    private protected override bool Came(FlowIdentity asked, HashSet<Guid> met) => asked.FlowKey is { } key ? _metKeys.Contains(key) : met.Contains(asked.Id);

    /// <inheritdoc/>
    private protected override LeoException Missing(string label) => LeoErrors.FlowNotFound(label, Database.Server.Role);

    /// <inheritdoc/>
    private protected override void Notice(Flow row) => _metKeys.Add(row.FlowKey);

    /// <inheritdoc/>
    private protected override string Line(Flow row) => FlowJson.Line(row);

    /// <summary>A place that is named by a key, with its row.</summary>
    private FlowIdentity[]? Resolved(FlowIdentity[]? places)
    {
        if (places is not [{ FlowKey: { } key } named])
        {
            return places;
        }

        Flow? row = ReadOne(token => Database.Flows.ReadAsync(new FlowQuery { Filter = new FlowFilter { OrKeys = [key] } }, Context, token));
        return [row is null ? new FlowIdentity(Missing(key), named.Source) : new FlowIdentity(row.Id, default, row, named.Source)];
    }
}
