using LeoPS.Handoffs;

namespace LeoPS.Units.Handoffs;

public sealed class EditRulesTests
{
    private static readonly EditRules Replace = new(Merge: false, Append: false);
    private static readonly EditRules Merge = new(Merge: true, Append: false);
    private static readonly EditRules Append = new(Merge: false, Append: true);

    [Fact]
    public void Nothing_to_change_is_refused_with_what_could_be_changed()
    {
        LeoException error = Refused(Replace, new HandoffValues(), LeoErrorId.ValueOutOfRange);

        AssertEach.Of(ContentColumn.All, column => Assert.Contains($"-{column}", error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_null_clears_every_column_but_the_summary()
    {
        foreach (ContentColumn column in ContentColumn.All.Skip(1))
        {
            Assert.True(Replace.Check(Values(column, null)).Has(column));
        }

        Refused(Replace, Values(ContentColumn.ImplementationSummary, null), LeoErrorId.ValueOutOfRange);
        Refused(Replace, Values(ContentColumn.ImplementationSummary, " "), LeoErrorId.ValueOutOfRange);
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData(" \"a\"")]
    [InlineData("null")]
    [InlineData("12")]
    public void What_is_merged_has_to_be_an_object(string json)
    {
        LeoException error = Refused(Merge, Values(ContentColumn.TestResults, json), LeoErrorId.InvalidJson);

        Assert.StartsWith("TestResults ", error.Message, StringComparison.Ordinal);
        _ = Replace.Check(Values(ContentColumn.TestResults, json));
        _ = Append.Check(Values(ContentColumn.TestResults, json));
    }

    [Fact]
    public void Nothing_is_neither_merged_nor_appended()
    {
        Assert.Contains("-Merge", Refused(Merge, Values(ContentColumn.TestResults, null), LeoErrorId.ValueOutOfRange).Message, StringComparison.Ordinal);
        Assert.Contains("-Append", Refused(Append, Values(ContentColumn.KnownIssues, null), LeoErrorId.ValueOutOfRange).Message, StringComparison.Ordinal);
        // Each concerns its own kind of column.
        _ = Merge.Check(Values(ContentColumn.KnownIssues, null));
        _ = Append.Check(Values(ContentColumn.TestResults, null));
        _ = Merge.Check(Values(ContentColumn.DemoUrl, null));
    }

    [Theory]
    [InlineData("[1, 2]", "an array")]
    [InlineData("\"a\"", "a string")]
    [InlineData("null", "a JSON null")]
    [InlineData("true", "a boolean")]
    [InlineData("-1.5", "a number")]
    public void A_column_that_holds_no_object_cannot_be_merged_into(string held, string kind)
    {
        HandoffPreparation row = SampleHandoff.Full();
        row.RawPerformanceBenchmarks = held;
        HandoffValues values = Values(ContentColumn.PerformanceBenchmarks, "{\"a\": 1}");
        LeoException error = Assert.IsType<LeoException>(Merge.Obstacle(values, row, "the label"));

        Assert.Equal(LeoErrorId.InvalidJson, error.ErrorId);
        Assert.StartsWith($"PerformanceBenchmarks of handoff the label holds {kind}", error.Message, StringComparison.Ordinal);
        Assert.Null(Replace.Obstacle(values, row, "the label"));
        Assert.Null(Merge.Obstacle(Values(ContentColumn.QualityMetrics, "{}"), row, "the label"));
    }

    [Fact]
    public void An_object_or_nothing_can_be_merged_into()
    {
        HandoffPreparation row = SampleHandoff.Full();
        row.RawTestResults = null;

        Assert.Null(Merge.Obstacle(Values(ContentColumn.QualityMetrics, "{}"), row, ""));
        Assert.Null(Merge.Obstacle(Values(ContentColumn.TestResults, "{}"), row, ""));
        Assert.Null(Merge.Obstacle(Values(ContentColumn.DemoUrl, "x"), row, ""));
    }

    [Fact]
    public void Columns_are_those_of_the_table_that_people_write()
    {
        Assert.Equal(12, ContentColumn.All.Count);
        Assert.Equal(Enumerable.Range(0, 12), ContentColumn.All.Select(c => c.Index));
        Assert.Equal(5, ContentColumn.All.Count(c => c is { Kind: ContentKind.Json, Raw: not null }));
        AssertEach.Of(ContentColumn.All, column => Assert.NotNull(typeof(HandoffPreparation).GetProperty(column.Property)));
        Assert.Same(ContentColumn.DemoUrl, ContentColumn.Find("demourl"));
        Assert.Null(ContentColumn.Find("Id"));
    }

    private static LeoException Refused(EditRules rules, HandoffValues values, LeoErrorId errorId)
    {
        LeoException error = Assert.Throws<LeoException>(() => rules.Check(values));
        Assert.Equal(errorId, error.ErrorId);
        return error;
    }

    private static HandoffValues Values(ContentColumn column, object? value)
    {
        var values = new HandoffValues();
        values[column] = value;
        return values;
    }
}
