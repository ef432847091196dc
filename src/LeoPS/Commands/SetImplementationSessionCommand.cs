using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Access;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Sessions;

namespace LeoPS.Commands;

/// <summary>Set-ImplementationSession: edits implementation sessions in bulk, guarded, ends them, and returns the edited ones.</summary>
[Cmdlet(VerbsCommon.Set, "ImplementationSession", DefaultParameterSetName = InputSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ImplementationSession), typeof(ChangeSummary))]
public sealed class SetImplementationSessionCommand : RowEditCmdlet<SessionEdit, ImplementationSession>
{
    private const string IdSet = "Id";

    /// <summary>The sessions to edit: objects, ids, or rows with an Id or SessionId.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    [SessionIdentityTransformation]
    public SessionIdentity[]? InputObject { get; set; }

    /// <summary>Ids of the sessions to edit.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = IdSet)]
    [Alias("SessionId")]
    [NoSecretTransformation]
    public Guid[] Id { get; set; } = [];

    /// <summary>The status. Completed, Failed and Cancelled stamp completed_at by the server's clock; Active and Paused clear it.</summary>
    [Parameter]
    [EnumTransformation<SessionStatus>]
    public SessionStatus? Status { get; set; }

    /// <summary>The progress in percent, for the column implementation_progress.</summary>
    [Parameter]
    [WholeNumberTransformation]
    public int? Progress { get; set; }

    /// <summary>What is implemented.</summary>
    [Parameter]
    [Alias("Type")]
    [EnumTransformation<ImplementationType>("an implementation type")]
    public ImplementationType? ImplementationType { get; set; }

    /// <inheritdoc/>
    private protected override string Noun => SessionVerdict.Noun;

    /// <inheritdoc/>
    private protected override WritableTable Table => SessionWritable.Table;

    /// <summary>Of two sessions of one directive that are to become active the first counts, whatever batches they are in.</summary>
    private protected override int MaxInFlight => Status == SessionStatus.Active ? 1 : base.MaxInFlight;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == InputSet)
        {
            TakeEach(InputObject ?? [SessionIdentity.Nothing], Take);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (ParameterSetName == IdSet)
        {
            Array.ForEach(Id, id => Take(new SessionIdentity(id, null, null, id)));
        }

        base.EndProcessing();
    }

    /// <inheritdoc/>
    private protected override RowValues Values(string? additionalColumns) => SessionWritable.Values(
        Given(nameof(Status), Status), Given(nameof(ImplementationType), ImplementationType), Given(nameof(Progress), Progress), additionalColumns);

    /// <inheritdoc/>
    private protected override Task<BulkResult<ImplementationSession>> ApplyAsync(
        IReadOnlyList<SessionEdit> changes, CancellationToken cancellationToken) =>
        Database.Sessions.EditAsync(changes, Options, Context, cancellationToken);

    /// <inheritdoc/>
    private protected override ImplementationSession? LookUp(SessionEdit change) =>
        ReadOne(token => Database.Sessions.ReadAsync(new SessionQuery { Filter = new SessionFilter { Ids = [change.Id] } }, Context, token));

    /// <inheritdoc/>
    private protected override PlannedWrite Planned(SessionEdit change) => PlannedWrite.Of(Noun, change.Values);

    /// <inheritdoc/>
    private protected override string Describe(ImplementationSession row) => $"{row.SdKey ?? row.SdId} implementation session {row.Id}, {row.Status}";

    private void Take(SessionIdentity identity)
    {
        if (identity.Sd is { } sd)
        {
            Reject(identity.Source, new LeoException(
                LeoErrorId.InvalidIdentity,
                $"'{LeoErrors.Short(sd)}' names a strategic directive and not an implementation session. Pipe its sessions: "
                + $"Get-ImplementationSession -SdId '{LeoErrors.Short(sd)}' -Status Active | {MyInvocation.MyCommand.Name} …"));
            return;
        }

        SessionEdit edit;
        try
        {
            edit = new SessionEdit(identity.Id, identity.Guard, identity.Source, Status, ValuesFor(identity.Source));
        }
        catch (LeoException refusal)
        {
            Reject(identity.Source, refusal);
            return;
        }

        AddGuarded<SessionStatus>(
            edit, row => Await(token => Database.Sessions.FindObstacleAsync(edit, row, Context, token)), $"Edit {edit.Values}{(Status is { } target ? $" ({target})" : "")}");
    }
}
