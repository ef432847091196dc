using System.Management.Automation;
using LeoPS.Access;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Flows;

namespace LeoPS.Commands;

/// <summary>Set-Flow: edits flows, guarded, and returns the edited ones.</summary>
[Cmdlet(VerbsCommon.Set, "Flow", DefaultParameterSetName = InputSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(Flow), typeof(ChangeSummary))]
public sealed class SetFlowCommand : FlowChangeCmdlet<FlowEdit>
{
    private const string KeySet = "FlowKey";
    private const string IdSet = "FlowId";

    private static readonly (string Parameter, FlowFields Field)[] _fields =
    [
        (nameof(FlowName), FlowFields.FlowName),
        (nameof(Description), FlowFields.Description),
        (nameof(FlowDefinition), FlowFields.FlowDefinition),
        (nameof(Status), FlowFields.Status),
        (nameof(Version), FlowFields.Version),
        (nameof(Tag), FlowFields.Tags),
        (nameof(Metadata), FlowFields.Metadata),
    ];

    private FlowValues _values = null!;
    private bool _unguardedTold;

    /// <summary>The flows to edit: objects, ids, keys, or rows with an Id, FlowId or FlowKey.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    [FlowIdentityTransformation]
    public FlowIdentity[]? InputObject { get; set; }

    /// <summary>Keys of the flows to edit, without wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = KeySet)]
    public string[] FlowKey { get; set; } = [];

    /// <summary>Ids of the flows to edit.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [NoSecretTransformation]
    public Guid[] FlowId { get; set; } = [];

    /// <summary>The name, at most 200 characters.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? FlowName { get; set; }

    /// <inheritdoc/>
    [Parameter]
    public override object? FlowDefinition { get; set; }

    /// <inheritdoc/>
    private protected override void CheckShared()
    {
        FlowFields given = _fields.Where(f => IsBound(f.Parameter)).Aggregate(FlowFields.None, (sum, f) => sum | f.Field);
        FlowFields perRow = (DefinitionJson.IsPerRow ? FlowFields.FlowDefinition : FlowFields.None) | (MetadataJson.IsPerRow ? FlowFields.Metadata : FlowFields.None);
        var values = new FlowValues
        {
            Given = given & ~perRow,
            FlowName = FlowName,
            Description = Description,
            FlowDefinition = DefinitionJson.Shared(),
            Status = Status,
            Version = Version,
            Tags = Tag,
            Metadata = MetadataJson.Shared(),
        };
        _values = values.Check() with { Given = given };
        Additional.CheckShared();
        _values.RequireAny(Additional.IsGiven);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == InputSet)
        {
            TakeEach(InputObject ?? [FlowIdentity.Nothing], Take);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        switch (ParameterSetName)
        {
            case KeySet:
                TakeEach(FlowKey.Select(key => FlowIdentity.OfTyped(key, key)), Take);
                break;
            case IdSet:
                Array.ForEach(FlowId, id => Take(new FlowIdentity(id, default, null, id)));
                break;
        }

        base.EndProcessing();
    }

    /// <inheritdoc/>
    private protected override Task<BulkResult<Flow>> ApplyAsync(IReadOnlyList<FlowEdit> changes, CancellationToken cancellationToken) =>
        Database.Flows.EditAsync(changes, Options, Context, cancellationToken);

    private void Take(FlowIdentity identity)
    {
        Flow? row = identity.FlowKey is { } key ? LookUp(key) : WillAskNow ? LookUp(identity.Id) : null;
        if (row is null && identity.FlowKey is not null)
        {
            Reject(identity.Source, LeoErrors.FlowNotFound(identity.FlowKey, Database.Server.Role));
            return;
        }

        FlowEdit edit;
        try
        {
            edit = new FlowEdit(identity.FlowKey is null ? identity.Id : row!.Id, identity.Known, identity.Source, ValuesFor(identity))
            {
                AdditionalColumns = Additional.For(identity.Source),
            };
        }
        catch (LeoException refusal)
        {
            Reject(identity.Source, refusal);
            return;
        }

        if (!WillAskNow)
        {
            TellUnguarded(edit);
            Add(edit);
        }
        else if (FlowVerdict.Preview(edit, row, Database.Server.Role) is { } refusal)
        {
            Reject(identity.Source, refusal);
        }
        else if (!IsForbidden(PlannedWrite.Of(FlowVerdict.Noun, TableCommand.Update, FlowPlan(edit.Values)).WithJson(FlowJson(edit.Values)) with { Additional = edit.AdditionalColumns }, identity.Source)
            && ShouldProcess(Describe(row!), $"Change {Changes(edit)}"))
        {
            Add(edit);
        }
    }

    private static string Changes(FlowEdit edit) => edit.AdditionalColumns.IsEmpty ? $"{edit.Values.Given}"
        : edit.Values.Given == FlowFields.None ? nameof(AdditionalColumns)
        : $"{edit.Values.Given}, {nameof(AdditionalColumns)}";

    /// <exception cref="LeoException">InvalidJson, ValueOutOfRange.</exception>
    private FlowValues ValuesFor(FlowIdentity identity) => DefinitionJson.IsPerRow || MetadataJson.IsPerRow
        ? (_values with { FlowDefinition = DefinitionJson.For(identity.Source), Metadata = MetadataJson.For(identity.Source) }).Check()
        : _values;

    private void TellUnguarded(FlowEdit edit)
    {
        if (edit.Known.IsUnknown && !_unguardedTold)
        {
            _unguardedTold = true;
            WriteVerbose($"ids and keys (first {edit.Id}) are changed whatever happened to their rows: a flow object also knows whether its row changed since it was read");
        }
    }
}
