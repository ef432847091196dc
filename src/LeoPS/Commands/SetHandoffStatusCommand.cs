using System.Diagnostics;
using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Readiness;
using LeoPS.Reading;

namespace LeoPS.Commands;

/// <summary>Set-HandoffStatus: moves handoffs in bulk, guarded, and returns the moved ones.</summary>
[Cmdlet(VerbsCommon.Set, "HandoffStatus", DefaultParameterSetName = InputSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(HandoffPreparation), typeof(ChangeSummary))]
public sealed class SetHandoffStatusCommand : HandoffChangeCmdlet<StatusChange<HandoffPreparation>>
{
    private const string IdSet = "Id";
    private const string SelectionSet = "Selection";
    private StatusMove<HandoffStatus> _move = null!;
    private ReadinessGate? _gate;

    /// <summary>The handoffs to move: objects, ids, or rows with an Id.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    [HandoffIdentityTransformation]
    public HandoffIdentity[]? InputObject { get; set; }

    /// <summary>Ids of the handoffs to move.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [NoSecretTransformation]
    public Guid[] Id { get; set; } = [];

    /// <summary>Moves, on the server, all handoffs that have one of these statuses.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SelectionSet)]
    [EnumTransformation<HandoffStatus>]
    public HandoffStatus[] CurrentStatus { get; set; } = [];

    /// <summary>The status to move to.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [EnumTransformation<HandoffStatus>]
    public HandoffStatus Status { get; set; }

    /// <summary>Narrows the selection to SD ids or keys, with wildcards.</summary>
    [Parameter(ParameterSetName = SelectionSet)]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? SdId { get; set; }

    /// <summary>Narrows the selection to implementation sessions.</summary>
    [Parameter(ParameterSetName = SelectionSet)]
    [ValidateNotNull]
    [NoSecretTransformation]
    public Guid[]? SessionId { get; set; }

    /// <summary>Narrows the selection to handoffs prepared at or after this time.</summary>
    [Parameter(ParameterSetName = SelectionSet)]
    [ValidateNotNull]
    [TimeTransformation]
    public DateTimeOffset? After { get; set; }

    /// <summary>Narrows the selection to handoffs prepared before this time.</summary>
    [Parameter(ParameterSetName = SelectionSet)]
    [ValidateNotNull]
    [TimeTransformation]
    public DateTimeOffset? Before { get; set; }

    /// <summary>Why; required for Rejected, kept as a dated line of the notes.</summary>
    [Parameter]
    public string? Reason { get; set; }

    /// <summary>Allows a move off the path. Skips no prompt and no guard.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Moves only what Test-HandoffPreparation finds this good: with Pass only that, with Warning also what has warnings.</summary>
    [Parameter(ParameterSetName = InputSet)]
    [Parameter(ParameterSetName = IdSet)]
    [RequiredVerdictTransformation]
    public ReadinessVerdict? RequireVerdict { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _move = new StatusMove<HandoffStatus>(HandoffTransitions.Table, Status, Force, Reason);
        Guard(_move.RequireReason);
        _gate = RequireVerdict is { } worst ? new ReadinessGate(new ReadinessRules(), worst, ReadAsync) : null;
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
        switch (ParameterSetName)
        {
            case IdSet:
                Array.ForEach(Id, id => Take(HandoffIdentity.Of(id)));
                break;
            case SelectionSet:
                MoveSelection();
                break;
        }

        base.EndProcessing();
    }

    /// <inheritdoc/>
    private protected override Task<BulkResult<HandoffPreparation>> ApplyAsync(
        IReadOnlyList<StatusChange<HandoffPreparation>> changes, CancellationToken cancellationToken)
    {
        Task<BulkResult<HandoffPreparation>> Apply(IReadOnlyList<StatusChange<HandoffPreparation>> ready) =>
            Database.Handoffs.ChangeAsync(_move, ready, Options, Context, cancellationToken);
        return _gate is null ? Apply(changes) : _gate.ApplyAsync(changes, Options.IsAtomic, Apply, cancellationToken);
    }

    private void Take(HandoffIdentity identity)
    {
        if (WillAskNow && _gate is not null && LookUp(identity.Id) is { } row && _gate.Refusal(row) is { } refusal)
        {
            Reject(identity.Source, refusal);
        }
        else
        {
            Move(_move, identity.ToChange());
        }
    }

    private async Task<IReadOnlyDictionary<Guid, HandoffPreparation>> ReadAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<Guid, HandoffPreparation>(ids.Count);
        var query = new HandoffQuery { Filter = new HandoffFilter { Ids = ids } };
        await foreach (IReadOnlyList<ReadItem<HandoffPreparation>> chunk in Database.Handoffs.ReadAsync(query, Context, cancellationToken).ConfigureAwait(false))
        {
            foreach (ReadItem<HandoffPreparation> item in chunk)
            {
                rows[item.Row.Id] = item.Row;
            }
        }

        return rows;
    }

    private void MoveSelection()
    {
        var filter = new HandoffFilter { Statuses = CurrentStatus, SdIds = SdId, SessionIds = SessionId, After = After, Before = Before };
        string what = $"{string.Join(", ", CurrentStatus)} → {Status}";
        ReportUnknownSds(SdId);
        if (WillAskNow)
        {
            // A rehearsal, too, refuses what would be refused, and counts only what would move.
            HandoffFilter movable = filter with { Statuses = Guard(() => _move.OpenAmong(CurrentStatus), what) };
            long count = Await(token => Database.Handoffs.CountAsync(movable, Context, token));
            string question = $"Move {count:N0} {(count == 1 ? "handoff" : "handoffs")} {what}";
            if (IsForbidden(PlannedMove(_move) with { MeetsNoRow = count == 0 }, what) || !ShouldProcess(question, $"{question}?", "Set-HandoffStatus"))
            {
                return;
            }
        }

        long start = Stopwatch.GetTimestamp();
        SelectionResult<HandoffPreparation> result = Await(
            token => Database.Handoffs.ChangeSelectionAsync(_move, filter, Atomic, returnRows: !Summary, Context, token), what);
        WriteVerbose($"moved {result.Changed} handoffs {what} on the server, in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms");
        WriteSelection(result);
    }
}
