using System.Management.Automation;
using LeoPS.Access;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Statuses;

namespace LeoPS.Commands;

/// <summary>Set-HandoffPreparation: edits the content of handoffs in bulk, guarded, and returns the edited ones.</summary>
[Cmdlet(VerbsCommon.Set, "HandoffPreparation", DefaultParameterSetName = InputSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(HandoffPreparation), typeof(ChangeSummary))]
public sealed class SetHandoffPreparationCommand : HandoffContentCmdlet<HandoffEdit>
{
    private EditRules _rules = null!;

    /// <summary>The handoffs to edit: objects, ids, or rows with an Id, whose other columns are edits.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    [HandoffIdentityTransformation]
    public HandoffIdentity[]? InputObject { get; set; }

    /// <summary>Ids of the handoffs to edit.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ValuesSet)]
    [NoSecretTransformation]
    public Guid[] Id { get; set; } = [];

    /// <summary>What was built.</summary>
    [Parameter(ParameterSetName = InputSet)]
    [Parameter(ParameterSetName = ValuesSet)]
    [OneTextTransformation]
    public string? ImplementationSummary { get; set; }

    /// <summary>Merges the keys of JSON objects into what the columns hold, instead of replacing it.</summary>
    [Parameter]
    public SwitchParameter Merge { get; set; }

    /// <summary>Adds to the two lists, instead of replacing them.</summary>
    [Parameter]
    public SwitchParameter Append { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _rules = new EditRules(Merge, Append);
        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == InputSet)
        {
            TakeEach(InputObject ?? [HandoffIdentity.Nothing], Take);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (ParameterSetName == ValuesSet)
        {
            Array.ForEach(Id, id => Take(HandoffIdentity.Of(id)));
        }

        base.EndProcessing();
    }

    /// <inheritdoc/>
    private protected override HandoffValues CheckShared(HandoffValues values) =>
        // Rows may bring what to change; ids alone do not.
        values.Given == 0 && (ParameterSetName == InputSet || GivenByParameters != 0) ? values : _rules.Check(values, Additional.IsGiven);

    /// <inheritdoc/>
    private protected override Task<BulkResult<HandoffPreparation>> ApplyAsync(IReadOnlyList<HandoffEdit> changes, CancellationToken cancellationToken) =>
        Database.Handoffs.EditAsync(_rules, changes, Options, Context, cancellationToken);

    private void Take(HandoffIdentity identity)
    {
        HandoffValues values;
        AdditionalColumns additional;
        try
        {
            additional = Additional.For(identity.Source, identity.Columns);
            values = _rules.Check(ValuesFor(identity.Columns, identity.Source), !additional.IsEmpty);
        }
        catch (LeoException refusal)
        {
            Reject(identity.Source, refusal);
            return;
        }

        IEnumerable<string> written = ContentColumn.All.Where(values.Has).Select(c => c.Property);
        string columns = string.Join(", ", additional.IsEmpty ? written : written.Append(nameof(AdditionalColumns)));
        AddGuarded<HandoffStatus>(
            new HandoffEdit(identity.Id, identity.Guard, identity.Source, values) { AdditionalColumns = additional },
            row => _rules.Obstacle(values, row, ((IStatusRow<HandoffStatus>)row).GetLabel()),
            $"Edit {columns}");
    }

    /// <inheritdoc/>
    private protected override PlannedWrite Planned(HandoffEdit change) => PlannedWrite.Of(
        Noun,
        TableCommand.Update,
        [.. ContentColumn.All.Where(c => c.Kind == ContentKind.Text && change.Values.Has(c)).Select(c => (c.Name, (string?)change.Values[c]))]).WithJson(change.Values.Structured) with { Additional = change.AdditionalColumns };
}
