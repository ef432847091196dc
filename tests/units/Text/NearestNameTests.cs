using LeoPS.Handoffs;
using LeoPS.Text;

namespace LeoPS.Units.Text;

public sealed class NearestNameTests
{
    private static readonly string[] Known = ["SessionId", "SdId", "QualityMetrics", "TestResults", "DemoUrl", "KnownIssues"];

    [Theory]
    [InlineData("QualityMetric", "QualityMetrics")]
    [InlineData("quality_metrics", "QualityMetrics")]
    [InlineData("TESTRESULT", "TestResults")]
    [InlineData("known_isues", "KnownIssues")]
    [InlineData("DemoURI", "DemoUrl")]
    [InlineData("Sd", null)]
    [InlineData("Sdld", "SdId")]
    [InlineData("Session", "SessionId")]
    [InlineData("Owner", null)]
    [InlineData("x", null)]
    [InlineData("", null)]
    [InlineData("___", null)]
    public void The_name_that_is_meant_is_found_and_no_other(string text, string? meant) => Assert.Equal(meant, NearestName.Find(text, Known));

    [Fact]
    public void Of_no_names_none_is_near() => Assert.Null(NearestName.Find("a", []));

    [Fact]
    public void A_text_of_a_megabyte_is_no_misspelt_name() => Assert.Null(NearestName.Find(new string('a', 1_000_000), Known));

    [Fact]
    public void A_name_that_no_handoff_has_is_named_with_the_one_that_is_meant_or_with_all()
    {
        LeoException near = HandoffNames.Unknown("Column", "quality_metric");
        LeoException far = HandoffNames.Unknown("Column", "Owner");

        Assert.Equal(LeoErrorId.ValueOutOfRange, near.ErrorId);
        Assert.Contains("Column 'quality_metric'", near.Message, StringComparison.Ordinal);
        Assert.EndsWith("Perhaps QualityMetrics is meant.", near.Message, StringComparison.Ordinal);
        Assert.Contains("SessionId, SdId, ImplementationSummary, QualityMetrics", far.Message, StringComparison.Ordinal);
        Assert.Contains("PostImplementationNotes", far.Message, StringComparison.Ordinal);
    }
}
