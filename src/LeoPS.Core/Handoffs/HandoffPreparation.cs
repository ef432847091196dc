using LeoPS.Changes;
using LeoPS.Reading;
using LeoPS.Statuses;

namespace LeoPS;

/// <summary>
/// One row of exec_handoff_preparations, as it was when it was read: one property per column, named after it.
/// Comes from the database only; JSON columns are parsed when first asked for.
/// </summary>
public sealed class HandoffPreparation : IStatusRow<HandoffStatus>, IOrderedRow<HandoffOrder>
{
    private JsonColumn _qualityMetrics;
    private JsonColumn _testResults;
    private JsonColumn _performanceBenchmarks;
    private JsonColumn _securityValidation;
    private JsonColumn _accessibilityCompliance;
    private JsonColumn _additionalColumns;

    internal HandoffPreparation()
    {
    }

    /// <summary>id.</summary>
    public Guid Id { get; internal set; }

    /// <summary>session_id: the implementation session that prepared it.</summary>
    public Guid SessionId { get; internal set; }

    /// <summary>sd_id: the strategic directive's id.</summary>
    public string SdId { get; internal set; } = "";

    /// <summary>strategic_directives_v2.sd_key; null where row level security hides the directive.</summary>
    public string? SdKey { get; internal set; }

    /// <summary>strategic_directives_v2.title; null where row level security hides the directive.</summary>
    public string? SdTitle { get; internal set; }

    /// <summary>handoff_status.</summary>
    public HandoffStatus HandoffStatus { get; internal set; }

    /// <summary>handoff_status, under the short name.</summary>
    public HandoffStatus Status => HandoffStatus;

    /// <summary>implementation_summary.</summary>
    public string ImplementationSummary { get; internal set; } = "";

    /// <summary>quality_metrics as an object; null where the column is.</summary>
    public object? QualityMetrics => _qualityMetrics.Value;

    /// <summary>test_results as an object; null where the column is.</summary>
    public object? TestResults => _testResults.Value;

    /// <summary>performance_benchmarks as an object; null where the column is.</summary>
    public object? PerformanceBenchmarks => _performanceBenchmarks.Value;

    /// <summary>security_validation as an object; null where the column is.</summary>
    public object? SecurityValidation => _securityValidation.Value;

    /// <summary>accessibility_compliance as an object; null where the column is.</summary>
    public object? AccessibilityCompliance => _accessibilityCompliance.Value;

    /// <summary>demo_url; null where the column is.</summary>
    public string? DemoUrl { get; internal set; }

    /// <summary>documentation_url; null where the column is.</summary>
    public string? DocumentationUrl { get; internal set; }

    /// <summary>test_report_url; null where the column is.</summary>
    public string? TestReportUrl { get; internal set; }

    /// <summary>deliverables_manifest; null where the column is. Elements may be null.</summary>
    public TextArray? DeliverablesManifest { get; internal set; }

    /// <summary>known_issues; null where the column is. Elements may be null.</summary>
    public TextArray? KnownIssues { get; internal set; }

    /// <summary>post_implementation_notes; null where the column is.</summary>
    public string? PostImplementationNotes { get; internal set; }

    /// <summary>prepared_at, UTC; null where the column is.</summary>
    public DateTimeOffset? PreparedAt { get; internal set; }

    /// <summary>sent_at, UTC; null until it is sent.</summary>
    public DateTimeOffset? SentAt { get; internal set; }

    /// <summary>response_at, UTC; null until it is answered.</summary>
    public DateTimeOffset? ResponseAt { get; internal set; }

    /// <summary>created_at, UTC; null where the column is.</summary>
    public DateTimeOffset? CreatedAt { get; internal set; }

    /// <summary>updated_at, UTC; null where the column is.</summary>
    public DateTimeOffset? UpdatedAt { get; internal set; }

    /// <summary>Columns of the table that the contract does not list, by their names; empty for most databases.</summary>
    public object AdditionalColumns => _additionalColumns.ValueOrEmpty;

    /// <summary>The row's xmin when it was read, by which a change knows whether it is still the same; null where the relation has none.</summary>
    public uint? RowVersion { get; internal set; }

    /// <summary>Raw text of the JSON columns, by property name; null for SQL NULL.</summary>
    internal string? RawQualityMetrics { get => _qualityMetrics.Raw; set => _qualityMetrics = new(value); }

    internal string? RawTestResults { get => _testResults.Raw; set => _testResults = new(value); }

    internal string? RawPerformanceBenchmarks { get => _performanceBenchmarks.Raw; set => _performanceBenchmarks = new(value); }

    internal string? RawSecurityValidation { get => _securityValidation.Raw; set => _securityValidation = new(value); }

    internal string? RawAccessibilityCompliance { get => _accessibilityCompliance.Raw; set => _accessibilityCompliance = new(value); }

    internal string? RawAdditionalColumns { get => _additionalColumns.Raw; set => _additionalColumns = new(value); }

    HandoffStatus? IStatusRow<HandoffStatus>.Status => HandoffStatus;

    DateTimeOffset? IStatusRow<HandoffStatus>.GetUpdatedAt() => UpdatedAt;

    string IStatusRow<HandoffStatus>.GetLabel() => SdKey is null ? $"{Id} ({SdId})" : $"{Id} ({SdKey})";

    object IOrderedRow<HandoffOrder>.GetKey() => Id;

    object? IOrderedRow<HandoffOrder>.KeyOf(HandoffOrder order) => order switch
    {
        HandoffOrder.Id => Id,
        HandoffOrder.PreparedAt => PreparedAt,
        HandoffOrder.SentAt => SentAt,
        HandoffOrder.ResponseAt => ResponseAt,
        HandoffOrder.CreatedAt => CreatedAt,
        HandoffOrder.UpdatedAt => UpdatedAt,
        HandoffOrder.SdId => SdId,
        HandoffOrder.Status => StatusNames<HandoffStatus>.ToColumn(HandoffStatus),
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };

    /// <summary>What a change started from this object has to find unchanged.</summary>
    internal RowGuard Guard => new(RowVersion, StatusNames<HandoffStatus>.ToColumn(HandoffStatus), UpdatedAt);

    /// <summary>SD key, short id and status.</summary>
    public override string ToString() => $"{SdKey ?? SdId} {Id.ToString()[..8]} {HandoffStatus}";

    /// <summary>This row after a move that changed these columns and no other.</summary>
    internal HandoffPreparation Moved(
        HandoffStatus status, DateTimeOffset? sentAt, DateTimeOffset? responseAt, DateTimeOffset? updatedAt, string? notes, uint? rowVersion)
    {
        var moved = (HandoffPreparation)MemberwiseClone();
        moved.HandoffStatus = status;
        moved.SentAt = sentAt;
        moved.ResponseAt = responseAt;
        moved.UpdatedAt = updatedAt;
        moved.PostImplementationNotes = notes;
        moved.RowVersion = rowVersion;
        return moved;
    }

    /// <summary>This row with an earlier status, as a change that others have followed left it; its version is one that no row has, so that no guard lets it through.</summary>
    internal HandoffPreparation Superseded(HandoffStatus status)
    {
        var superseded = (HandoffPreparation)MemberwiseClone();
        superseded.HandoffStatus = status;
        superseded.RowVersion = 0;
        return superseded;
    }
}
