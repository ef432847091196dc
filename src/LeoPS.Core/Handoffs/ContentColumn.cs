namespace LeoPS.Handoffs;

/// <summary>A column of a handoff that people write: its content, and not its id, its references, its status and its times.</summary>
public sealed class ContentColumn
{
    private static readonly Dictionary<string, ContentColumn> _byName = new(StringComparer.OrdinalIgnoreCase);
    private static readonly List<ContentColumn> _all = [];

    private ContentColumn(string property, string name, ContentKind kind, Func<HandoffPreparation, string?>? raw = null)
    {
        Index = _all.Count;
        Property = property;
        Name = name;
        Kind = kind;
        Raw = raw;
        _all.Add(this);
        _byName.Add(property, this);
    }

    /// <summary>implementation_summary, which is never null.</summary>
    public static ContentColumn ImplementationSummary { get; } = new(nameof(HandoffPreparation.ImplementationSummary), "implementation_summary", ContentKind.Text);

    /// <summary>quality_metrics.</summary>
    public static ContentColumn QualityMetrics { get; } = new(nameof(HandoffPreparation.QualityMetrics), "quality_metrics", ContentKind.Json, h => h.RawQualityMetrics);

    /// <summary>test_results.</summary>
    public static ContentColumn TestResults { get; } = new(nameof(HandoffPreparation.TestResults), "test_results", ContentKind.Json, h => h.RawTestResults);

    /// <summary>performance_benchmarks.</summary>
    public static ContentColumn PerformanceBenchmarks { get; } =
        new(nameof(HandoffPreparation.PerformanceBenchmarks), "performance_benchmarks", ContentKind.Json, h => h.RawPerformanceBenchmarks);

    /// <summary>security_validation.</summary>
    public static ContentColumn SecurityValidation { get; } =
        new(nameof(HandoffPreparation.SecurityValidation), "security_validation", ContentKind.Json, h => h.RawSecurityValidation);

    /// <summary>accessibility_compliance.</summary>
    public static ContentColumn AccessibilityCompliance { get; } =
        new(nameof(HandoffPreparation.AccessibilityCompliance), "accessibility_compliance", ContentKind.Json, h => h.RawAccessibilityCompliance);

    /// <summary>demo_url.</summary>
    public static ContentColumn DemoUrl { get; } = new(nameof(HandoffPreparation.DemoUrl), "demo_url", ContentKind.Text);

    /// <summary>documentation_url.</summary>
    public static ContentColumn DocumentationUrl { get; } = new(nameof(HandoffPreparation.DocumentationUrl), "documentation_url", ContentKind.Text);

    /// <summary>test_report_url.</summary>
    public static ContentColumn TestReportUrl { get; } = new(nameof(HandoffPreparation.TestReportUrl), "test_report_url", ContentKind.Text);

    /// <summary>deliverables_manifest.</summary>
    public static ContentColumn DeliverablesManifest { get; } = new(nameof(HandoffPreparation.DeliverablesManifest), "deliverables_manifest", ContentKind.TextArray);

    /// <summary>known_issues.</summary>
    public static ContentColumn KnownIssues { get; } = new(nameof(HandoffPreparation.KnownIssues), "known_issues", ContentKind.TextArray);

    /// <summary>post_implementation_notes.</summary>
    public static ContentColumn PostImplementationNotes { get; } = new(nameof(HandoffPreparation.PostImplementationNotes), "post_implementation_notes", ContentKind.Text);

    /// <summary>All of them, in the order of the table.</summary>
    public static IReadOnlyList<ContentColumn> All => _all;

    /// <summary>Its place among <see cref="All"/>.</summary>
    public int Index { get; }

    /// <summary>The bit that stands for it where a set of columns is a number.</summary>
    public int Bit => 1 << Index;

    /// <summary>The property of a handoff, which is also the name of the parameter and of the column of a piped row.</summary>
    public string Property { get; }

    /// <summary>The column of the table.</summary>
    public string Name { get; }

    /// <summary>What it holds.</summary>
    public ContentKind Kind { get; }

    /// <summary>The JSON text of a row's column; null for a column that is no JSON.</summary>
    internal Func<HandoffPreparation, string?>? Raw { get; }

    /// <summary>The column of a property's name, in any case; null where there is none.</summary>
    public static ContentColumn? Find(string property) => _byName.GetValueOrDefault(property);

    /// <summary>The property.</summary>
    public override string ToString() => Property;
}
