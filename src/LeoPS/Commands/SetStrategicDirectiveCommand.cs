using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Access;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Directives;
using LeoPS.Text;

namespace LeoPS.Commands;

/// <summary>Set-StrategicDirective: edits strategic directives in bulk, guarded, and returns the edited ones.</summary>
[Cmdlet(VerbsCommon.Set, "StrategicDirective", DefaultParameterSetName = InputSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(StrategicDirective), typeof(ChangeSummary))]
public sealed class SetStrategicDirectiveCommand : RowEditCmdlet<RowEdit<string>, StrategicDirective>
{
    private const string SdSet = "SdId";
    private static readonly string[] _referrers = [nameof(HandoffPreparation), nameof(ImplementationSession)];

    /// <summary>The directives to edit: objects, ids, keys, or rows with an SdId, SdKey or Id.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    [DirectiveIdentityTransformation]
    public DirectiveIdentity[]? InputObject { get; set; }

    /// <summary>Ids or keys of the directives to edit, without wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = SdSet)]
    [Alias("Id", "SdKey")]
    [AllowEmptyString]
    public string[] SdId { get; set; } = [];

    /// <summary>The title, at most 500 characters.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? Title { get; set; }

    /// <summary>The status; completed stamps completion_date by the server's clock, where the table has that column.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? Status { get; set; }

    /// <summary>The phase, for the column current_phase or phase.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? Phase { get; set; }

    /// <summary>The progress in percent, for the columns progress and progress_percentage.</summary>
    [Parameter]
    [WholeNumberTransformation]
    public int? Progress { get; set; }

    /// <summary>The category, at most 50 characters.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? Category { get; set; }

    /// <summary>The priority, at most 20 characters.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? Priority { get; set; }

    /// <summary>What is to be done.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? Description { get; set; }

    /// <summary>Why.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? Rationale { get; set; }

    /// <summary>What belongs to it and what does not.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? Scope { get; set; }

    /// <inheritdoc/>
    private protected override string Noun => DirectiveVerdict.Noun;

    /// <inheritdoc/>
    private protected override WritableTable Table => DirectiveWritable.Table;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == InputSet)
        {
            TakeEach(InputObject ?? [DirectiveIdentity.Nothing], identity => Take(identity.Sd, identity));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (ParameterSetName == SdSet)
        {
            Array.ForEach(SdId, TakeTyped);
        }

        base.EndProcessing();
    }

    /// <inheritdoc/>
    private protected override RowValues Values(string? additionalColumns)
    {
        (string Name, string? Value)[] texts =
        [
            (nameof(Title), Title), (nameof(Status), Status), (nameof(Phase), Phase), (nameof(Category), Category),
            (nameof(Priority), Priority), (nameof(Description), Description), (nameof(Rationale), Rationale), (nameof(Scope), Scope),
        ];
        List<(string, string?)> given = [.. texts.Where(t => IsBound(t.Name)).Select(t => ($"-{t.Name}", t.Value))];
        if (Given(nameof(Progress), Progress) is { } percent)
        {
            given.Add(("-Progress", RowValues.Percentage("-Progress", percent)));
        }

        return DirectiveWritable.Values(given, additionalColumns);
    }

    /// <inheritdoc/>
    private protected override Task<BulkResult<StrategicDirective>> ApplyAsync(
        IReadOnlyList<RowEdit<string>> changes, CancellationToken cancellationToken) =>
        Database.Directives.EditAsync(changes, Options, Context, cancellationToken);

    /// <inheritdoc/>
    private protected override StrategicDirective? LookUp(RowEdit<string> change) =>
        ReadOne(token => Database.Directives.ReadAsync(new DirectiveQuery { Filter = new DirectiveFilter { Names = [change.Id] } }, Context, token));

    /// <inheritdoc/>
    private protected override string Describe(StrategicDirective row) =>
        $"strategic directive {DirectiveVerdict.Label(row)}, '{LeoErrors.Short(row.Title ?? "")}', {row.Status ?? "without a status"}";

    private void TakeTyped(string typed)
    {
        string sd;
        try
        {
            sd = DirectiveWritable.Single(typed);
        }
        catch (LeoException refusal)
        {
            Reject(typed, refusal);
            return;
        }

        Take(sd, new DirectiveIdentity(sd, null, typed));
    }

    private void Take(string sd, DirectiveIdentity identity)
    {
        RowEdit<string> edit;
        try
        {
            CheckIsDirective(identity);
            edit = new RowEdit<string>(sd, identity.Guard, identity.Source, ValuesFor(identity.Source));
        }
        catch (LeoException refusal)
        {
            Reject(identity.Source, refusal);
            return;
        }

        if (!WillAskNow)
        {
            Add(edit);
            return;
        }

        StrategicDirective? row = LookUp(edit);
        LeoException? obstacle = DirectiveVerdict.Preview(edit, row, Database.Server.Role)
            ?? Await(token => Database.Directives.FindFaultAsync(edit, Context, token));
        if (obstacle is not null)
        {
            Reject(identity.Source, obstacle);
        }
        else if (!IsForbidden(PlannedWrite.Of(DirectiveVerdict.Noun, edit.Values), identity.Source) && ShouldProcess(Describe(row!), $"Edit {edit.Values}"))
        {
            Add(edit);
        }
    }

    /// <summary>A row that refers to a directive is none: its other columns, and the version that it knows, are of another table.</summary>
    /// <exception cref="LeoException">InvalidIdentity.</exception>
    private static void CheckIsDirective(DirectiveIdentity identity)
    {
        if (!StoredText.IsStorable(identity.Sd))
        {
            throw LeoErrors.InvalidDirective("A text with a NUL character or half of a surrogate pair");
        }

        if (identity.Columns is not { } row)
        {
            return;
        }

        string? sdId = ColumnValue.Text(row[nameof(StrategicDirective.SdId)]);
        if (_referrers.Any(row.StemsFrom) || (sdId is not null && ColumnValue.Text(row[nameof(StrategicDirective.Id)]) is { } id && id.Trim() != sdId.Trim()))
        {
            throw LeoErrors.InvalidDirective("A row whose Id is not its SdId, as in a row of a handoff or a session,");
        }
    }
}
