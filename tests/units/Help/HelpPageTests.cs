using LeoPS.HelpGenerator.Pages;

namespace LeoPS.Units.Help;

public sealed class HelpPageTests
{
    private static readonly HelpPage Page = HelpPage.Parse(SamplePage.Text);

    [Fact]
    public void Heading_front_matter_and_synopsis_are_read()
    {
        Assert.Equal("Set-Sample", Page.Name);
        Assert.Equal("https://example.org/Set-Sample", Page.OnlineVersion);
        Assert.Equal("Sets a sample.", Assert.Single(Page.Synopsis).Text);
    }

    [Fact]
    public void Text_loses_its_marks_and_keeps_its_meaning() =>
        Assert.Equal(
            [
                "Moves exec_handoff_preparations rows, one by one or in bulk. See the site (https://example.org/a_b).",
                "- first, with SD-* and X-* kept and continued",
                "- second <escaped>",
                "| from | to |\n|---|---|\n| a | b |",
            ],
            Page.Description.Select(block => block.Text));

    [Fact]
    public void Examples_have_code_and_remarks()
    {
        Assert.Equal(["Example 1: Move everything", "Example 2: Move one"], Page.Examples.Select(example => example.Title));
        Assert.Equal("# not a heading\nGet-Sample |\n    Set-Sample Ready", Page.Examples[0].Code);
        Assert.Equal(["The objects come out:", "## Id\n1 < 2 & \"3\""], Page.Examples[0].Remarks.Select(block => block.Text));
        Assert.Equal(["Say which."], Page.Examples[1].Remarks.Select(block => block.Text));
    }

    [Fact]
    public void Parameters_have_text_and_the_default_of_their_yaml()
    {
        Assert.Equal(["Status", "Note"], Page.Parameters.Select(parameter => parameter.Name));
        Assert.Equal(["The status to move to.", "A second paragraph."], Page.Parameter("status")!.Text.Select(block => block.Text));
        Assert.Equal("Preparing", Page.Parameter("Status")!.Default);
        Assert.Null(Page.Parameter("Note")!.Default);
        Assert.Equal(["A note.", "-Note 'kept code'"], Page.Parameter("Note")!.Text.Select(block => block.Text));
    }

    [Fact]
    public void Types_errors_and_links_are_read()
    {
        Assert.Equal("Anything with an Id.", Assert.Single(Assert.Single(Page.Inputs).Text).Text);
        Assert.Equal(["LeoPS.LeoException", "System.String", "LeoPS.Summary"], Page.Outputs.Select(type => type.Name));
        Assert.Equal(["- NotFound: no visible row has the id.", "- RowLocked: wait, or raise -LockTimeout."], Page.Errors.Select(block => block.Text));
        Assert.Equal([new HelpLink("Get-Sample", ""), new HelpLink("PostgreSQL", "https://www.postgresql.org/docs/")], Page.Links);
    }

    [Fact]
    public void A_page_comes_back_as_it_was() =>
        Assert.Equal(SamplePage.Text + "\n", MarkdownDocument.Parse(SamplePage.Text.ReplaceLineEndings("\r\n")).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("---")]
    [InlineData("```\n# never closed")]
    [InlineData("# X\n## EXAMPLES\n### \n## PARAMETERS\n### -\n```yaml")]
    public void Broken_pages_are_read_without_an_error(string text) => Assert.NotNull(HelpPage.Parse(text));

    [Theory]
    [InlineData("`a_b_c` and _d_ and *e*", "a_b_c and d and e")]
    [InlineData("2 * 3 * 4", "2 * 3 * 4")]
    [InlineData("``a`b``", "a`b")]
    [InlineData("[`Get-X`](Get-X.md)", "Get-X")]
    [InlineData("snake_case_name stays", "snake_case_name stays")]
    [InlineData("$h[0](1)", "$h0")]
    [InlineData("`$h[0](1)`", "$h[0](1)")]
    public void Inline_marks(string markdown, string expected) => Assert.Equal(expected, MarkdownText.Plain(markdown));
}
