using System.Management.Automation;
using LeoPS.Access;
using LeoPS.Statuses;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Sessions;
using LeoPS.Text;

namespace LeoPS.Commands;

/// <summary>New-HandoffPreparation: makes handoffs in bulk, or puts back those that were written as JSON lines, and returns them.</summary>
[Cmdlet(VerbsCommon.New, "HandoffPreparation", DefaultParameterSetName = ValuesSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(HandoffPreparation), typeof(ChangeSummary))]
public sealed class NewHandoffPreparationCommand : HandoffContentCmdlet<HandoffDraft>
{
    private const string FromJsonSet = "FromJson";

    // Our own objects that name what a handoff is for.
    private const string SessionKind = "ImplementationSession";
    private const string DirectiveKind = "StrategicDirective";

    private DraftRules _rules = null!;

    /// <summary>Rows of handoffs to make: objects, hashtables, rows of a CSV file, JSON objects. With -FromJson, the lines to put back.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = FromJsonSet)]
    [AllowNull]
    [AllowEmptyCollection]
    public PSObject?[]? InputObject { get; set; }

    /// <summary>The strategic directive, by its id or key; without it the session's.</summary>
    [Parameter(Position = 0, ParameterSetName = InputSet)]
    [Parameter(Position = 0, ParameterSetName = ValuesSet)]
    [ValidateNotNullOrEmpty]
    public string? SdId { get; set; }

    /// <summary>The implementation session; without it the one active session of the directive.</summary>
    [Parameter(ParameterSetName = InputSet)]
    [Parameter(ParameterSetName = ValuesSet)]
    [NoSecretTransformation]
    public Guid? SessionId { get; set; }

    /// <summary>What was built.</summary>
    [Parameter(ParameterSetName = InputSet)]
    [Parameter(Mandatory = true, ParameterSetName = ValuesSet)]
    [AllowNull]
    [AllowEmptyString]
    [OneTextTransformation]
    public string? ImplementationSummary { get; set; }

    /// <summary>Puts back handoffs from the lines that -AsJson and -ExportPath write: with their ids, statuses and times.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FromJsonSet)]
    public SwitchParameter FromJson { get; set; }

    /// <summary>Allows a directive that is not the session's. Skips no prompt.</summary>
    [Parameter(ParameterSetName = InputSet)]
    [Parameter(ParameterSetName = ValuesSet)]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _rules = new DraftRules(FromJson, Force);
        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == ValuesSet)
        {
            return;
        }

        foreach (PSObject? input in InputObject ?? [null])
        {
            Take(input, () => _rules.Restores ? Line(input) : Row(input));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // A pipe from which nothing came makes nothing.
        if (ParameterSetName == ValuesSet && !MyInvocation.ExpectingInput)
        {
            Take(null, () => Draft(null, SessionId, TypedSd(), null));
        }

        base.EndProcessing();
    }

    /// <inheritdoc/>
    private protected override Task<BulkResult<HandoffPreparation>> ApplyAsync(IReadOnlyList<HandoffDraft> changes, CancellationToken cancellationToken) =>
        Database.Handoffs.CreateAsync(_rules, changes, Options, Context, cancellationToken);

    /// <summary>Takes one input; one that makes no handoff is reported in its place.</summary>
    private void Take(object? source, Func<HandoffDraft?> read)
    {
        HandoffDraft? draft;
        try
        {
            draft = read();
        }
        catch (LeoException refusal)
        {
            Reject(source, refusal);
            return;
        }

        if (draft is null)
        {
            return;
        }

        if (!WillAskNow)
        {
            Add(draft);
            return;
        }

        DraftSight sight = Await(token => Database.Handoffs.LookAsync(_rules, [draft], Context, token))[0];
        if (DraftVerdict.Of(_rules, draft, sight, Database.Server.Role, LockTimeout).Error is { } error)
        {
            Reject(source, error);
        }
        else if (!IsForbidden(HandoffDraftPlan(draft), source) && ShouldProcess($"{draft.Sd ?? sight.SessionSd} handoff{(_rules.Restores ? $" {draft.Id}" : "")}", _rules.Restores ? $"Put back as {draft.State!.Status}" : "Create"))
        {
            Add(draft);
        }
    }

    private static PlannedWrite HandoffDraftPlan(HandoffDraft draft) => PlannedWrite.Of(
        HandoffTransitions.Table.Noun,
        TableCommand.Insert,
        [
            ("handoff_status", StatusNames<HandoffStatus>.ToColumn(draft.State?.Status ?? HandoffStatus.Preparing)),
            .. ContentColumn.All.Where(c => c.Kind == ContentKind.Text && draft.Values.Has(c)).Select(c => (c.Name, (string?)draft.Values[c])),
        ]).WithJson(draft.Values.Structured) with { Additional = draft.AdditionalColumns, AlsoGiven = [] };

    /// <exception cref="LeoException">InvalidIdentity, InvalidJson, ValueOutOfRange.</exception>
    private HandoffDraft Row(PSObject? input)
    {
        if (input?.BaseObject is string text && text.AsSpan().TrimStart().StartsWith("{") && !JsonText.IsValid(text, out string? fault))
        {
            throw new LeoException(LeoErrorId.InvalidJson, fault);
        }

        var row = PipedRow.Of(input);
        if (row.ForeignKind(nameof(HandoffPreparation), SessionKind, DirectiveKind) is { } kind)
        {
            throw NoRow(LeoErrors.Capital(LeoErrors.WithArticle(kind)));
        }

        if (!row.Members.Any())
        {
            throw NoRow(row.Description);
        }

        // A session's or directive's own columns are none of a handoff's; those that Select-Object gave it are the user's choice.
        bool isReference = row.IsOfType(SessionKind) || row.IsOfType(DirectiveKind);
        return Draft(
            isReference ? null : row,
            SessionId ?? ColumnValue.Id(nameof(SessionId), row[nameof(SessionId)]) ?? IdOfSession(row),
            TypedSd() ?? SdOf(row),
            input);
    }

    private static Guid? IdOfSession(PipedRow row) =>
        row.StemsFrom(SessionKind) ? ColumnValue.Id(nameof(HandoffPreparation.Id), row[nameof(HandoffPreparation.Id)]) : null;

    /// <exception cref="LeoException">InvalidIdentity for a pattern.</exception>
    private string? TypedSd() => SdId is null ? null : NewSession.Single(SdId, "New-HandoffPreparation");

    private static string? SdOf(PipedRow row) => ColumnValue.Text(row[nameof(SdId)])
        ?? ColumnValue.Text(row[row.StemsFrom(DirectiveKind) ? nameof(HandoffPreparation.Id) : nameof(HandoffPreparation.SdKey)]);

    /// <returns>Null for a blank line.</returns>
    /// <exception cref="LeoException">InvalidIdentity, InvalidJson, ValueOutOfRange.</exception>
    private static HandoffDraft? Line(PSObject? input) => input?.BaseObject switch
    {
        string line => string.IsNullOrWhiteSpace(line) ? null : HandoffLine.Parse(line),
        null => throw new LeoException(LeoErrorId.InvalidJson, "An empty value is no line of JSON."),
        _ => throw new LeoException(
            LeoErrorId.InvalidJson, $"{LeoErrors.Capital(LeoErrors.WithArticle(input.BaseObject.GetType().Name))} is no line of JSON: what became an object has lost digits and microseconds already. Pipe the lines themselves, as Get-Content gives them."),
    };

    private HandoffDraft Draft(PipedRow? row, Guid? sessionId, string? sd, object? source) => new HandoffDraft
    {
        SessionId = sessionId,
        Sd = sd,
        Values = ValuesFor(row, source),
        AdditionalColumns = Additional.For(
            source, row is null || row.StemsFrom(SessionKind) || row.StemsFrom(DirectiveKind) ? null : row, nameof(HandoffPreparation)),
        Source = source,
    }.Check();

    private static LeoException NoRow(string what) => new(
        LeoErrorId.InvalidIdentity, $"{what} is no row of a handoff. Pipe objects, hashtables, rows of a CSV file or JSON objects with columns such as SdId and ImplementationSummary, or sessions or directives; lines to put back need -FromJson.");
}
