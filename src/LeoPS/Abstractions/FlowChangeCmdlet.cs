using System.Globalization;
using System.Management.Automation;
using LeoPS.Access;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Statuses;
using LeoPS.Flows;
using LeoPS.Json;

namespace LeoPS.Abstractions;

/// <summary>A cmdlet that makes or edits flows.</summary>
public abstract class FlowChangeCmdlet<TChange> : BulkChangeCmdlet<TChange, Flow>
    where TChange : class, IRowChange<Guid>
{
    private protected const string InputSet = "InputObject";

    /// <summary>The texts, numbers and ids that are written, for a rehearsal, beside others.</summary>
    private protected static (string Column, string? Text)[] FlowPlan(FlowValues values, params (string Column, string? Text)[] others) =>
    [
        .. others,
        .. values.Given.HasFlag(FlowFields.FlowName) ? [("flow_name", values.FlowName)] : Array.Empty<(string, string?)>(),
        .. values.Given.HasFlag(FlowFields.Description) ? [("description", values.Description)] : Array.Empty<(string, string?)>(),
        .. values.Version is { } version ? [("version", version.ToString(CultureInfo.InvariantCulture))] : Array.Empty<(string, string?)>(),
        .. values.CreatedBy is { } user ? [("created_by", user.ToString())] : Array.Empty<(string, string?)>(),
        .. values.Status is { } status ? [("status", StatusNames<FlowStatus>.ToColumn(status))] : Array.Empty<(string, string?)>(),
    ];

    /// <summary>The arrays and JSON texts that are written, for a rehearsal.</summary>
    private protected static IEnumerable<(string Column, string? Json)> FlowJson(FlowValues values) => new[]
    {
        (FlowFields.FlowDefinition, "flow_definition", values.FlowDefinition),
        (FlowFields.Tags, "tags", PlannedWrite.ArrayOf(values.Tags)),
        (FlowFields.Metadata, "metadata", values.Metadata),
    }.Where(v => values.Writes(v.Item1)).Select(v => (v.Item2, v.Item3));

    /// <summary>What it is for; null for none.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? Description { get; set; }

    /// <summary>The definition: a hashtable, an object, JSON text, or a script block that makes each row's own. Whether it must be given is the derived cmdlet's.</summary>
    public abstract object? FlowDefinition { get; set; }

    /// <summary>The status; of a new flow Draft without it.</summary>
    [Parameter]
    [EnumTransformation<FlowStatus>]
    public FlowStatus? Status { get; set; }

    /// <summary>The version; of a new flow 1 without it.</summary>
    [Parameter]
    [WholeNumberTransformation(Minimum = int.MinValue, Maximum = int.MaxValue)]
    public int? Version { get; set; }

    /// <summary>The tags, all of them.</summary>
    [Parameter]
    [Alias("Tags")]
    [TagTransformation]
    public string?[]? Tag { get; set; }

    /// <summary>The metadata, all of it: a hashtable, an object, JSON text, or a script block that makes each row's own.</summary>
    [Parameter]
    public object? Metadata { get; set; }

    /// <summary>Further columns of the table: a hashtable, an object, JSON text, or a script block that makes each row's own.</summary>
    [Parameter]
    public object? AdditionalColumns { get; set; }

    /// <summary>-AdditionalColumns; set by BeginProcessing.</summary>
    private protected AdditionalColumnArgument Additional { get; private set; } = null!;

    /// <summary>-FlowDefinition as JSON; set by BeginProcessing.</summary>
    private protected JsonArgument DefinitionJson { get; private set; } = null!;

    /// <summary>-Metadata as JSON; set by BeginProcessing.</summary>
    private protected JsonArgument MetadataJson { get; private set; } = null!;

    /// <summary>Looks at what is the same for all rows, before the first.</summary>
    protected override void BeginProcessing()
    {
        DefinitionJson = new JsonArgument("-FlowDefinition", FlowDefinition);
        MetadataJson = new JsonArgument("-Metadata", Metadata);
        Additional = new AdditionalColumnArgument(IsBound(nameof(AdditionalColumns)), AdditionalColumns);
        Guard(CheckShared);
        base.BeginProcessing();
    }

    /// <summary>Fails where what is the same for all rows cannot be written.</summary>
    /// <exception cref="LeoException">InvalidJson, ValueOutOfRange.</exception>
    private protected virtual void CheckShared()
    {
        DefinitionJson.Shared();
        MetadataJson.Shared();
        Additional.CheckShared();
    }

    /// <inheritdoc/>
    private protected override string Noun => FlowVerdict.Noun;

    /// <inheritdoc/>
    private protected override Flow? LookUp(TChange change) => LookUp(change.Id);

    /// <summary>The row of an id as it is now; null where it is not visible.</summary>
    private protected Flow? LookUp(Guid id) => Find(new FlowFilter { Ids = [id] });

    /// <summary>The flow of a key as it is now; null where it is not visible.</summary>
    private protected Flow? LookUp(string key) => Find(new FlowFilter { OrKeys = [key] });

    /// <inheritdoc/>
    private protected override string Describe(Flow row) => $"flow {FlowVerdict.Label(row)}";

    private Flow? Find(FlowFilter filter) => ReadOne(token => Database.Flows.ReadAsync(new FlowQuery { Filter = filter }, Context, token));
}
