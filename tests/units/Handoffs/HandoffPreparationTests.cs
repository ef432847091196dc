using System.Reflection;
using LeoPS.Changes;
using LeoPS.Statuses;

namespace LeoPS.Units.Handoffs;

public sealed class HandoffPreparationTests
{
    /// <summary>The 21 columns of the table.</summary>
    private static readonly string[] Columns =
    [
        "id", "session_id", "sd_id", "handoff_status", "implementation_summary", "quality_metrics", "test_results", "performance_benchmarks",
        "security_validation", "accessibility_compliance", "demo_url", "documentation_url", "test_report_url", "deliverables_manifest", "known_issues",
        "post_implementation_notes", "prepared_at", "sent_at", "response_at", "created_at", "updated_at",
    ];

    private static readonly PropertyInfo[] Properties = typeof(HandoffPreparation).GetProperties(BindingFlags.Public | BindingFlags.Instance);

    [Fact]
    public void There_is_one_property_per_column_and_a_few_beside()
    {
        IEnumerable<string> expected = Columns
            .Select(column => string.Concat(column.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..])))
            .Concat(["Status", "SdKey", "SdTitle", "AdditionalColumns", "RowVersion"]);

        Assert.Equal(expected.Order(StringComparer.Ordinal), Properties.Select(property => property.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Nobody_makes_one_or_changes_one()
    {
        Assert.Empty(typeof(HandoffPreparation).GetConstructors());
        Assert.DoesNotContain(Properties, property => property.SetMethod?.IsPublic == true);
        Assert.Empty(typeof(HandoffPreparation).GetFields());
    }

    [Fact]
    public void Json_columns_read_as_objects()
    {
        HandoffPreparation row = SampleHandoff.Full();

        Assert.Equal(82.50m, Assert.IsType<JsonMap>(row.QualityMetrics)["coverage"]);
        Assert.Equal(1.10m, Assert.IsType<JsonMap>(row.TestResults)["rate"]);
        Assert.Equal(2L, Assert.IsType<JsonMap>(row.PerformanceBenchmarks)["p95"]);
        Assert.Null(row.SecurityValidation);
        Assert.Equal([1L, 2L], Assert.IsType<JsonList>(row.AccessibilityCompliance));
        Assert.Equal("exec", Assert.IsType<JsonMap>(row.AdditionalColumns)["owner"]);
    }

    [Fact]
    public void Json_columns_are_parsed_once_and_not_before_they_are_asked_for()
    {
        var row = new HandoffPreparation { RawQualityMetrics = "{\"coverage\": 82.50}", RawTestResults = "this is not JSON" };

        Assert.Equal("this is not JSON", row.RawTestResults);
        Assert.Same(row.QualityMetrics, row.QualityMetrics);
        Assert.Equal(LeoErrorId.InvalidJson, Assert.Throws<LeoException>(() => row.TestResults).ErrorId);
    }

    [Fact]
    public void Sql_null_and_json_null_are_both_nothing_to_read_and_differ_in_the_raw_text()
    {
        var row = new HandoffPreparation { RawQualityMetrics = "null", RawTestResults = null };

        Assert.Null(row.QualityMetrics);
        Assert.Null(row.TestResults);
        Assert.Equal("null", row.RawQualityMetrics);
        Assert.Null(row.RawTestResults);
    }

    [Fact]
    public void Without_further_columns_there_is_an_empty_object() =>
        Assert.Empty(Assert.IsType<JsonMap>(SampleHandoff.Bare().AdditionalColumns));

    [Fact]
    public void The_text_names_directive_id_and_status()
    {
        Assert.Equal("SD-UAT-001 0f8fad5b Sent", SampleHandoff.Full().ToString());
        Assert.Equal("9f5b8c1e 0f8fad5b Preparing", SampleHandoff.Bare().ToString());
    }

    [Fact]
    public void Messages_name_the_whole_id_and_the_directive()
    {
        Assert.Equal("0f8fad5b-d9cb-469f-a165-70867728950e (SD-UAT-001)", ((IStatusRow<HandoffStatus>)SampleHandoff.Full()).GetLabel());
        Assert.Equal("0f8fad5b-d9cb-469f-a165-70867728950e (9f5b8c1e)", ((IStatusRow<HandoffStatus>)SampleHandoff.Bare()).GetLabel());
    }

    [Fact]
    public void The_guard_is_what_the_object_knows() =>
        Assert.Equal(new RowGuard(uint.MaxValue, "sent", SampleHandoff.At.AddDays(3)), SampleHandoff.Full().Guard);

    [Fact]
    public void A_moved_row_differs_in_what_a_move_changes_and_in_nothing_else()
    {
        HandoffPreparation before = SampleHandoff.Full();
        DateTimeOffset now = SampleHandoff.At.AddDays(9);

        HandoffPreparation after = before.Moved(HandoffStatus.Rejected, null, now, now.AddSeconds(1), "why", 7);

        Assert.Equal((HandoffStatus.Rejected, HandoffStatus.Rejected), (after.HandoffStatus, after.Status));
        Assert.Null(after.SentAt);
        Assert.Equal((now, now.AddSeconds(1)), (after.ResponseAt, after.UpdatedAt));
        Assert.Equal(("why", 7u), (after.PostImplementationNotes, after.RowVersion));

        string[] changed = ["HandoffStatus", "Status", "SentAt", "ResponseAt", "UpdatedAt", "PostImplementationNotes", "RowVersion"];
        AssertEach.Of(
            Properties.Where(property => !changed.Contains(property.Name)),
            property => Assert.Equal(property.GetValue(before)?.ToString(), property.GetValue(after)?.ToString()));
        Assert.Equal(SampleHandoff.At.AddDays(1), before.SentAt);
        Assert.Equal((HandoffStatus.Sent, "notes", uint.MaxValue), (before.Status, before.PostImplementationNotes, before.RowVersion));
    }

    [Fact]
    public void A_moved_row_keeps_its_json()
    {
        HandoffPreparation after = SampleHandoff.Full().Moved(HandoffStatus.Accepted, null, null, null, null, null);

        Assert.Equal("""{"coverage": 82.50, "big": 1e400}""", after.RawQualityMetrics);
        Assert.Equal(82.50m, Assert.IsType<JsonMap>(after.QualityMetrics)["coverage"]);
        Assert.Equal("""{"owner": "exec"}""", after.RawAdditionalColumns);
    }
}
