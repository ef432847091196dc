using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Handoffs;

namespace LeoPS.Commands;

/// <summary>Remove-HandoffPreparation: deletes handoffs in bulk, guarded, with a copy of each in a file where that is asked for.</summary>
[Cmdlet(VerbsCommon.Remove, "HandoffPreparation", DefaultParameterSetName = InputSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void), typeof(ChangeSummary))]
public sealed class RemoveHandoffPreparationCommand : HandoffChangeCmdlet<RowRemoval>
{
    private const string IdSet = "Id";
    private RowExport<HandoffPreparation>? _export;

    /// <summary>The handoffs to delete: objects, ids, or rows with an Id.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    [HandoffIdentityTransformation]
    public HandoffIdentity[]? InputObject { get; set; }

    /// <summary>Ids of the handoffs to delete.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [NoSecretTransformation]
    public Guid[] Id { get; set; } = [];

    /// <summary>A new file that gets a line of JSON for each handoff before it is gone.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ExportPath { get; set; }

    /// <inheritdoc/>
    private protected override bool ShowsRows => false;

    /// <summary>The file is written by one batch after the other.</summary>
    private protected override int MaxInFlight => _export is null ? base.MaxInFlight : 1;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (ExportPath is not null)
        {
            _export = Guard(() => ExportFile.New<HandoffPreparation>(SessionState, ExportPath, Noun, HandoffJson.Line), ExportPath);
        }

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
        if (ParameterSetName == IdSet)
        {
            Array.ForEach(Id, id => Take(HandoffIdentity.Of(id)));
        }

        base.EndProcessing();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // First the batches on their way, which may still write.
        base.Dispose(disposing);
        if (disposing)
        {
            _export?.Dispose();
        }
    }

    /// <inheritdoc/>
    private protected override Task<BulkResult<HandoffPreparation>> ApplyAsync(IReadOnlyList<RowRemoval> changes, CancellationToken cancellationToken) =>
        Database.Handoffs.RemoveAsync(changes, Options, _export, Context, cancellationToken);

    private void Take(HandoffIdentity identity) =>
        AddGuarded<HandoffStatus>(new RowRemoval(identity.Id, identity.Guard, identity.Source), _ => null, "Remove");
}
