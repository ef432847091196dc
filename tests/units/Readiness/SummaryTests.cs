using LeoPS.Readiness;
using static LeoPS.FindingSeverity;
using static LeoPS.ReadinessElement;

namespace LeoPS.Units.Readiness;

public sealed class SummaryTests
{
    private const string Title = "Search across directives and retrospectives, with filters and saved views";

    [Theory]
    [InlineData("")]
    [InlineData("   \t\r\n ")]
    [InlineData(". . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .")]
    [InlineData("TBD")]
    [InlineData("N/A")]
    [InlineData("None - SD complete")]
    [InlineData("[describe in fifty characters or more what was built and how that was checked]")]
    [InlineData("Lorem ipsum")]
    public void One_that_says_nothing_blocks_and_nothing_else_is_said_of_it(string summary) =>
        Judge(summary).Only(ExecutiveSummary, Blocking);

    [Theory]
    [InlineData(49, 50, true)]
    [InlineData(50, 50, false)]
    [InlineData(10, 10, false)]
    [InlineData(9, 10, true)]
    public void The_minimum_is_the_first_length_that_passes(int length, int minimum, bool blocks)
    {
        string summary = string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + (i % 26))));

        HandoffReadinessReport report = Judge(summary, new ReadinessRules { MinimumSummaryLength = minimum });

        Assert.Equal(blocks, report.Findings.Count == 1);
        if (blocks)
        {
            Assert.Equal($"implementation_summary has {length} characters; {minimum} are asked for.", report.Only(ExecutiveSummary, Blocking).Message);
        }
    }

    [Fact]
    public void Blanks_and_line_ends_do_not_make_it_longer() =>
        Assert.Contains("has 13 characters", Judge("Search" + new string(' ', 60) + "\r\n\tworks.").Only(ExecutiveSummary, Blocking).Message, StringComparison.Ordinal);

    [Fact]
    public void A_character_beyond_sixteen_bits_counts_once() =>
        Assert.Contains("has 49 characters", Judge("ok " + string.Concat(Enumerable.Repeat("🎉", 46))).Only(ExecutiveSummary, Blocking).Message, StringComparison.Ordinal);

    [Fact]
    public void Without_a_minimum_one_word_will_do() => Assert.Empty(Judge("Works.", new ReadinessRules { MinimumSummaryLength = 0 }).Findings);

    [Fact]
    public void What_a_template_left_is_a_warning_where_enough_is_said_beside_it()
    {
        ReadinessFinding finding = Judge(GoodHandoff.Summary + " [describe the risks]").Only(ExecutiveSummary, Warning);

        Assert.Equal("implementation_summary still has '[describe the risks]' in it.", finding.Message);
    }

    [Fact]
    public void What_a_template_left_does_not_count_as_length()
    {
        HandoffReadinessReport report = Judge("Search works. [describe in fifty characters or more what was built and how that was checked]");

        Assert.Equal([Blocking, Warning], report.Findings.Select(finding => finding.Severity));
        Assert.Equal("implementation_summary has 13 characters beside what a template left; 50 are asked for.", report.Findings[0].Message);
    }

    [Theory]
    [InlineData(Title)]
    [InlineData("SEARCH across directives and retrospectives with filters and saved views!")]
    [InlineData("SD-2026-007: implementation of the search across directives and retrospectives, with filters and saved views, is complete.")]
    public void The_title_over_again_blocks(string summary) =>
        Assert.Contains("repeats the title", Judge(summary).Only(ExecutiveSummary, Blocking).Message, StringComparison.Ordinal);

    [Fact]
    public void The_title_over_again_and_too_short_are_two_findings() =>
        Assert.Equal(2, Judged.With(handoff => (handoff.SdTitle, handoff.ImplementationSummary) = ("Search", "Search is implemented.")).Findings.Count);

    [Theory]
    [InlineData(Title + ": 38 ms over 41,000 documents.")]
    [InlineData("Search works across directives and retrospectives, with filters and saved views.")]
    public void The_title_with_something_more_is_a_summary(string summary) => Assert.Empty(Judge(summary).Findings);

    [Fact]
    public void A_title_that_nobody_may_see_is_not_compared() =>
        Assert.Empty(Judged.With(handoff => (handoff.SdTitle, handoff.SdKey, handoff.ImplementationSummary) = (null, null, Title)).Findings);

    private static HandoffReadinessReport Judge(string summary, ReadinessRules? rules = null) =>
        Judged.With(handoff => (handoff.SdTitle, handoff.ImplementationSummary) = (Title, summary), rules);
}
