using System.Management.Automation;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Handoffs;

namespace LeoPS.Abstractions;

/// <summary>A cmdlet that writes the content of handoffs: each column is a parameter, and a column of piped rows.</summary>
public abstract class HandoffContentCmdlet<TChange> : HandoffChangeCmdlet<TChange>
    where TChange : class, IRowChange<Guid>
{
    private protected const string ValuesSet = "Values";
    private ContentArguments _arguments = null!;
    private ContentRows _rows = null!;

    /// <summary>Quality metrics: a hashtable, an object, JSON text, or a script block that makes each row's own.</summary>
    [Parameter(ParameterSetName = InputSet)]
    [Parameter(ParameterSetName = ValuesSet)]
    public object? QualityMetrics { get; set; }

    /// <summary>Test results, given like -QualityMetrics.</summary>
    [Parameter(ParameterSetName = InputSet)]
    [Parameter(ParameterSetName = ValuesSet)]
    public object? TestResults { get; set; }

    /// <summary>Performance benchmarks, given like -QualityMetrics.</summary>
    [Parameter(ParameterSetName = InputSet)]
    [Parameter(ParameterSetName = ValuesSet)]
    public object? PerformanceBenchmarks { get; set; }

    /// <summary>Security validation, given like -QualityMetrics.</summary>
    [Parameter(ParameterSetName = InputSet)]
    [Parameter(ParameterSetName = ValuesSet)]
    public object? SecurityValidation { get; set; }

    /// <summary>Accessibility compliance, given like -QualityMetrics.</summary>
    [Parameter(ParameterSetName = InputSet)]
    [Parameter(ParameterSetName = ValuesSet)]
    public object? AccessibilityCompliance { get; set; }

    /// <summary>Where it can be tried.</summary>
    [Parameter(ParameterSetName = InputSet)]
    [Parameter(ParameterSetName = ValuesSet)]
    [OneTextTransformation]
    public string? DemoUrl { get; set; }

    /// <summary>Where it is documented.</summary>
    [Parameter(ParameterSetName = InputSet)]
    [Parameter(ParameterSetName = ValuesSet)]
    [OneTextTransformation]
    public string? DocumentationUrl { get; set; }

    /// <summary>Where the test report is.</summary>
    [Parameter(ParameterSetName = InputSet)]
    [Parameter(ParameterSetName = ValuesSet)]
    [OneTextTransformation]
    public string? TestReportUrl { get; set; }

    /// <summary>What is delivered: an array of texts, the text of a JSON array, or a script block that makes each row's own.</summary>
    [Parameter(ParameterSetName = InputSet)]
    [Parameter(ParameterSetName = ValuesSet)]
    public object? DeliverablesManifest { get; set; }

    /// <summary>Known issues, given like -DeliverablesManifest.</summary>
    [Parameter(ParameterSetName = InputSet)]
    [Parameter(ParameterSetName = ValuesSet)]
    public object? KnownIssues { get; set; }

    /// <summary>Notes: decisions, resources, what comes next.</summary>
    [Parameter(ParameterSetName = InputSet)]
    [Parameter(ParameterSetName = ValuesSet)]
    [OneTextTransformation]
    public string? PostImplementationNotes { get; set; }

    /// <summary>Further columns of the table: a hashtable, an object, JSON text, or a script block that makes each row's own.</summary>
    [Parameter(ParameterSetName = InputSet)]
    [Parameter(ParameterSetName = ValuesSet)]
    public object? AdditionalColumns { get; set; }

    /// <summary>-AdditionalColumns; set by BeginProcessing.</summary>
    private protected AdditionalColumnArgument Additional { get; private set; } = null!;

    /// <summary>The content columns that are given by parameters, as bits.</summary>
    private protected int GivenByParameters => _arguments.Given;

    /// <summary>Looks at what is the same for all rows, before the first.</summary>
    protected override void BeginProcessing()
    {
        _arguments = new ContentArguments(MyInvocation.BoundParameters!);
        _rows = new ContentRows(_arguments);
        Additional = new AdditionalColumnArgument(IsBound(nameof(AdditionalColumns)), AdditionalColumns);
        Guard(Additional.CheckShared);
        Guard(() => CheckShared(_arguments.Shared()));
        base.BeginProcessing();
    }

    /// <summary>Fails where what is the same for all rows cannot be written.</summary>
    /// <exception cref="LeoException">InvalidJson, ValueOutOfRange.</exception>
    private protected virtual HandoffValues CheckShared(HandoffValues values) => values.Check();

    /// <summary>What is written for a row: what the parameters say, or else the columns of the row itself.</summary>
    /// <param name="columns">The row; null where there is none, or it is one of our own, whose values were read and not given.</param>
    /// <param name="source">The row as it came from the pipe.</param>
    /// <exception cref="LeoException">InvalidJson, ValueOutOfRange.</exception>
    private protected HandoffValues ValuesFor(PipedRow? columns, object? source) => _rows.Read(columns, source);
}
