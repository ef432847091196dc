using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Directives;

namespace LeoPS.Commands;

/// <summary>New-StrategicDirective: makes strategic directives, from parameters or from the rows of the pipe, and returns them.</summary>
[Cmdlet(VerbsCommon.New, "StrategicDirective", DefaultParameterSetName = ValuesSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(StrategicDirective))]
public sealed class NewStrategicDirectiveCommand : CreationCmdlet<StrategicDirective>
{
    private const string ValuesSet = "Values";
    private const string InputSet = "InputObject";

    /// <summary>Rows to make directives of: what no parameter gives is read from their properties of the same names.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    public PSObject?[]? InputObject { get; set; }

    /// <summary>The key: unique, at most 500 characters.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ValuesSet)]
    [Parameter(Position = 0, ParameterSetName = InputSet)]
    [AllowEmptyString]
    [OneTextTransformation]
    public string? SdKey { get; set; }

    /// <summary>The title, at most 500 characters.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ValuesSet)]
    [Parameter(Position = 1, ParameterSetName = InputSet)]
    [AllowEmptyString]
    [OneTextTransformation]
    public string? Title { get; set; }

    /// <summary>The id, at most 50 characters; without it the key, or a new UUID where the key is longer.</summary>
    [Parameter]
    [Alias("SdId")]
    [ValidateNotNullOrEmpty]
    [OneTextTransformation]
    public string? Id { get; set; }

    /// <summary>The status; draft without it.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? Status { get; set; }

    /// <summary>The category; general without it.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? Category { get; set; }

    /// <summary>The priority; medium without it.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? Priority { get; set; }

    /// <summary>What is to be done; empty without it.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? Description { get; set; }

    /// <summary>Why; empty without it.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? Rationale { get; set; }

    /// <summary>What belongs to it and what does not; empty without it.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? Scope { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == ValuesSet)
        {
            Take(null, null, SdKey);
            return;
        }

        foreach (PSObject? input in InputObject ?? [null])
        {
            Take(PipedRow.Of(input), input, input);
        }
    }

    private void Take(PipedRow? row, object? input, object? source)
    {
        NewDirective directive;
        try
        {
            directive = Read(row, input, source).Check();
        }
        catch (LeoException refusal)
        {
            WriteRowError(refusal, source);
            return;
        }

        // What cannot be made is no question.
        if (WillAsk
            && DirectiveVerdict.Obstacle(directive, Await(token => Database.Directives.FindHoldersAsync([directive.SdKey, directive.Id!], Context, token))) is { } obstacle)
        {
            WriteRowError(obstacle, source);
            return;
        }

        if (!IsForbidden(Planned(DirectiveVerdict.Noun, directive.Columns, directive.AdditionalColumns), source) && ShouldProcess($"strategic directive {directive.SdKey}, '{LeoErrors.Short(directive.Title)}'", "Create"))
        {
            Create(token => Database.Directives.CreateAsync(directive, Context, token), source);
        }
    }

    /// <summary>The values of the parameters, or else of the piped row.</summary>
    /// <exception cref="LeoException">InvalidIdentity, InvalidJson.</exception>
    private NewDirective Read(PipedRow? row, object? input, object? source)
    {
        if (row?.ForeignKind(nameof(StrategicDirective)) is { } kind)
        {
            throw new LeoException(
                LeoErrorId.InvalidIdentity, $"{LeoErrors.Capital(LeoErrors.WithArticle(kind))} is not what a strategic directive is made of. Pipe rows with SdKey and Title, or directives to copy.");
        }

        // A directive of our own is copied: which it is and how far it has come are not.
        PipedRow? named = row is not null && row.IsOfType(nameof(StrategicDirective)) ? null : row;
        return new NewDirective
        {
            Id = Id ?? RowColumns.TextOf($"Column {nameof(Id)}", named?[nameof(Id)]),
            SdKey = SdKey ?? RowColumns.TextOf($"Column {nameof(SdKey)}", row?[nameof(SdKey)]) ?? "",
            Title = Title ?? RowColumns.TextOf($"Column {nameof(Title)}", row?[nameof(Title)]) ?? "",
            Status = Status ?? RowColumns.TextOf($"Column {nameof(Status)}", named?[nameof(Status)]),
            Category = Category ?? RowColumns.TextOf($"Column {nameof(Category)}", row?[nameof(Category)]),
            Priority = Priority ?? RowColumns.TextOf($"Column {nameof(Priority)}", row?[nameof(Priority)]),
            Description = Description ?? RowColumns.TextOf($"Column {nameof(Description)}", row?[nameof(Description)]),
            Rationale = Rationale ?? RowColumns.TextOf($"Column {nameof(Rationale)}", row?[nameof(Rationale)]),
            Scope = Scope ?? RowColumns.TextOf($"Column {nameof(Scope)}", row?[nameof(Scope)]),
            AdditionalColumns = AdditionalFor(input, row, nameof(StrategicDirective)),
            Source = source,
        };
    }
}
