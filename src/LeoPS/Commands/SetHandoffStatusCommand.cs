using System.Diagnostics;
using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Handoffs;

namespace LeoPS.Commands;

/// <summary>Set-HandoffStatus: moves handoffs in bulk, guarded, and returns the moved ones.</summary>
[Cmdlet(VerbsCommon.Set, "HandoffStatus", DefaultParameterSetName = InputSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(HandoffPreparation), typeof(ChangeSummary))]
public sealed class SetHandoffStatusCommand : HandoffChangeCmdlet<StatusChange<HandoffPreparation>>
{
    private const string IdSet = "Id";
    private const string SelectionSet = "Selection";
    private StatusMove<HandoffStatus> _move = null!;

    /// <summary>The handoffs to move: objects, ids, or rows with an Id.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    [HandoffIdentityTransformation]
    public HandoffIdentity[]? InputObject { get; set; }

    /// <summary>Ids of the handoffs to move.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    public Guid[] Id { get; set; } = [];

    /// <summary>Moves, on the server, all handoffs that have one of these statuses.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SelectionSet)]
    [HandoffStatusTransformation]
    public HandoffStatus[] CurrentStatus { get; set; } = [];

    /// <summary>The status to move to.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [HandoffStatusTransformation]
    public HandoffStatus Status { get; set; }

    /// <summary>Narrows the selection to SD ids or keys, with wildcards.</summary>
    [Parameter(ParameterSetName = SelectionSet)]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? SdId { get; set; }

    /// <summary>Narrows the selection to implementation sessions.</summary>
    [Parameter(ParameterSetName = SelectionSet)]
    [ValidateNotNull]
    public Guid[]? SessionId { get; set; }

    /// <summary>Narrows the selection to handoffs prepared at or after this time.</summary>
    [Parameter(ParameterSetName = SelectionSet)]
    [ValidateNotNull]
    public DateTimeOffset? After { get; set; }

    /// <summary>Narrows the selection to handoffs prepared before this time.</summary>
    [Parameter(ParameterSetName = SelectionSet)]
    [ValidateNotNull]
    public DateTimeOffset? Before { get; set; }

    /// <summary>Why; required for Rejected, kept as a dated line of the notes.</summary>
    [Parameter]
    public string? Reason { get; set; }

    /// <summary>Allows a move off the path. Skips no prompt and no guard.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _move = new StatusMove<HandoffStatus>(HandoffTransitions.Table, Status, Force, Reason);
        Guard(() =>
        {
            _move.RequireReason();
            return true;
        });
        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == InputSet)
        {
            // The binder hands a null straight through; it is a row like any other, and a wrong one.
            foreach (HandoffIdentity identity in InputObject ?? [new HandoffIdentity(LeoErrors.InvalidIdentity(Noun, "An empty value"), null)])
            {
                Take(identity);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        switch (ParameterSetName)
        {
            case IdSet:
                Array.ForEach(Id, id => Take(new HandoffIdentity(id, null, null, id)));
                break;
            case SelectionSet:
                MoveSelection();
                break;
        }

        base.EndProcessing();
    }

    /// <inheritdoc/>
    private protected override Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> ApplyAsync(
        IReadOnlyList<StatusChange<HandoffPreparation>> batch, CancellationToken cancellationToken) =>
        Database.Handoffs.ChangeAsync(_move, batch, Context, cancellationToken);

    /// <inheritdoc/>
    private protected override Task<AtomicResult<HandoffPreparation>> ApplyAtomicallyAsync(
        IReadOnlyList<StatusChange<HandoffPreparation>> changes, CancellationToken cancellationToken) =>
        Database.Handoffs.ChangeAtomicallyAsync(_move, changes, BatchSize, Context, cancellationToken);

    private void Take(HandoffIdentity identity)
    {
        if (identity.Error is { } error)
        {
            Reject(identity.Source, error);
        }
        else
        {
            Move(_move, identity.ToChange());
        }
    }

    private void MoveSelection()
    {
        var filter = new HandoffFilter { Statuses = CurrentStatus, SdIds = SdId, SessionIds = SessionId, After = After, Before = Before };
        string what = $"{string.Join(", ", CurrentStatus)} → {Status}";
        if (WillAskNow)
        {
            // A rehearsal, too, refuses what would be refused, and counts only what would move.
            HandoffFilter movable = filter with { Statuses = Guard(() => _move.OpenAmong(CurrentStatus), what) };
            long count = Await(token => Database.Handoffs.CountAsync(movable, Context, token));
            string question = $"Move {count:N0} handoffs {what}";
            if (!ShouldProcess(question, $"{question}?", "Set-HandoffStatus"))
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
