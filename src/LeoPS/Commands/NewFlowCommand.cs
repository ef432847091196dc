using System.Management.Automation;
using LeoPS.Access;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Flows;

namespace LeoPS.Commands;

/// <summary>New-Flow: makes flows, from parameters or from the rows of the pipe, and returns them.</summary>
[Cmdlet(VerbsCommon.New, "Flow", DefaultParameterSetName = ValuesSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(Flow), typeof(ChangeSummary))]
public sealed class NewFlowCommand : FlowChangeCmdlet<NewFlow>
{
    private const string ValuesSet = "Values";

    /// <summary>Rows to make flows of: what no parameter gives is read from their properties of the same names. Never the status.</summary>
    // Not bound property by property: what the binder cannot convert it leaves out or refuses by itself, and with -Atomic the others would be made.
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    public PSObject?[]? InputObject { get; set; }

    /// <summary>The key: unique, at most 100 characters.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ValuesSet)]
    [Parameter(Position = 0, ParameterSetName = InputSet)]
    [AllowEmptyString]
    [OneTextTransformation]
    public string? FlowKey { get; set; }

    /// <summary>The name, at most 200 characters.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ValuesSet)]
    [Parameter(Position = 1, ParameterSetName = InputSet)]
    [AllowEmptyString]
    [OneTextTransformation]
    public string? FlowName { get; set; }

    /// <inheritdoc/>
    [Parameter(Mandatory = true, Position = 2, ParameterSetName = ValuesSet)]
    [Parameter(Position = 2, ParameterSetName = InputSet)]
    public override object? FlowDefinition { get; set; }

    /// <summary>The user who makes it; without it the connection's -UserId.</summary>
    [Parameter]
    [NoSecretTransformation]
    public Guid? CreatedBy { get; set; }

    /// <summary>One batch after the other: of two rows with one key the first is made, whatever batches they are in.</summary>
    private protected override int MaxInFlight => 1;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == ValuesSet)
        {
            Take(null, null, FlowKey);
            return;
        }

        foreach (PSObject? input in InputObject ?? [null])
        {
            Take(PipedRow.Of(input), input, input);
        }
    }

    /// <inheritdoc/>
    private protected override Task<BulkResult<Flow>> ApplyAsync(IReadOnlyList<NewFlow> changes, CancellationToken cancellationToken) =>
        Database.Flows.CreateAsync(changes, Options, Context, cancellationToken);

    private void Take(PipedRow? row, object? input, object? source)
    {
        NewFlow flow;
        try
        {
            flow = Read(row, input, source).Check();
        }
        catch (LeoException refusal)
        {
            Reject(source, refusal);
            return;
        }

        if (!WillAskNow)
        {
            Add(flow);
        }
        else if (FlowVerdict.Preview(flow, LookUp(flow.FlowKey)) is { } refusal)
        {
            Reject(source, refusal);
        }
        else if (!IsForbidden(Planned(flow), source) && ShouldProcess($"flow {flow.FlowKey}, '{flow.Values.FlowName}'", "Create"))
        {
            Add(flow);
        }
    }

    /// <inheritdoc/>
    private protected override PlannedWrite Planned(NewFlow change) =>
        PlannedWrite.Of(Noun, TableCommand.Insert, FlowPlan(change.Values, ("flow_key", change.FlowKey))).WithJson(FlowJson(change.Values)) with
        {
            Additional = change.AdditionalColumns,
            AlsoGiven = [],
        };

    /// <summary>The values of the parameters, or else of the piped row.</summary>
    /// <exception cref="LeoException">InvalidIdentity, InvalidJson, ValueOutOfRange.</exception>
    private NewFlow Read(PipedRow? row, object? input, object? source)
    {
        if (row?.ForeignKind(nameof(Flow)) is { } kind)
        {
            throw new LeoException(LeoErrorId.InvalidIdentity, $"{LeoErrors.Capital(LeoErrors.WithArticle(kind))} is not what a flow is made of. Pipe rows with FlowKey, FlowName and FlowDefinition, or flows to copy.");
        }

        var columns = new RowColumns(row);
        var values = new FlowValues
        {
            FlowName = FlowName ?? columns.Text(nameof(FlowName)),
            Description = Description ?? columns.Text(nameof(Description)),
            FlowDefinition = IsBound(nameof(FlowDefinition)) ? DefinitionJson.For(input) : columns.Json(nameof(FlowDefinition)),
            Status = Status,
            Version = Version ?? columns.Integer(nameof(Version)),
            Tags = Tag ?? columns.Texts(nameof(Flow.Tags)) ?? columns.Texts(nameof(Tag)),
            Metadata = IsBound(nameof(Metadata)) ? MetadataJson.For(input) : columns.Json(nameof(Metadata)),
            CreatedBy = CreatedBy ?? columns.Id(nameof(CreatedBy)) ?? UsedConnection.UserId,
        };
        return new NewFlow
        {
            FlowKey = FlowKey ?? columns.Text(nameof(FlowKey)) ?? "",
            // What must not be null is written, and checked, even so.
            Values = values with { Given = values.NotNull | FlowFields.FlowName | FlowFields.FlowDefinition },
            AdditionalColumns = Additional.For(input, row, nameof(Flow)),
            Source = source,
        };
    }
}
