using LeoPS.Readiness;

namespace LeoPS.Units.Readiness;

public sealed class BoilerplateTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \n ")]
    [InlineData("-")]
    [InlineData("...")]
    [InlineData("none")]
    [InlineData("None.")]
    [InlineData("- none")]
    [InlineData("[none]")]
    [InlineData("(None)")]
    [InlineData("n/a")]
    [InlineData("N.A.")]
    [InlineData("N/A (retroactive)")]
    [InlineData("None - SD complete")]
    [InlineData("None: all good")]
    [InlineData("no issues identified")]
    [InlineData("No known issues.")]
    [InlineData("No known issues or risks at this time")]
    [InlineData("There are no open issues")]
    [InlineData("No risks have been identified yet")]
    [InlineData("No further action required")]
    [InlineData("Nothing to report")]
    [InlineData("Not applicable")]
    [InlineData("TODO")]
    [InlineData("TODO: describe it")]
    [InlineData("tbd")]
    [InlineData("To be determined")]
    [InlineData("work in progress")]
    [InlineData("Lorem ipsum")]
    [InlineData("Lorem ipsum …")]
    [InlineData("[describe the known issues here]")]
    [InlineData("<insert text>")]
    [InlineData("<...>")]
    [InlineData("[…]")]
    [InlineData("{{summary}}")]
    public void Says_nothing(string? text) => Assert.True(Boilerplate.SaysNothing(text));

    [Theory]
    [InlineData("None of the migrations ran on PostgreSQL 13")]
    [InlineData("No issues identified in Safari 16, Firefox 120 and Chrome 118")]
    [InlineData("None: tried Safari, Firefox and Chrome")]
    [InlineData("No retries: subscribers that redirect are not followed")]
    [InlineData("Unknown characters are shown as boxes")]
    [InlineData("Test data still names people")]
    [InlineData("In progress bars the percentage is cut")]
    [InlineData("Currency is US dollars only")]
    [InlineData("日本語")]
    [InlineData("🎉")]
    public void Says_something(string text) => Assert.False(Boilerplate.SaysNothing(text));

    [Theory]
    [InlineData("The work. [describe the risks] And more.", "[describe the risks]")]
    [InlineData("[ Insert date ]", "[ Insert date ]")]
    [InlineData("see [your name]", "[your name]")]
    [InlineData("of <summary> and", "<summary>")]
    [InlineData("of <short summary of the work> and", "<short summary of the work>")]
    [InlineData("of <file_path>", "<file_path>")]
    [InlineData("of <Add text - here!>", "<Add text - here!>")]
    [InlineData("by <...> or <…>", "<...>")]
    [InlineData("{{ title }}", "{{ title }}")]
    [InlineData("the rest is TBD.", "TBD")]
    [InlineData("FIXME", "FIXME")]
    [InlineData("todo: write it", "todo")]
    [InlineData("Lorem ipsum dolor sit amet", "Lorem ipsum")]
    public void Finds_what_a_template_left(string text, string placeholder) => Assert.Equal(placeholder, Boilerplate.Placeholder(text));

    [Theory]
    [InlineData("List<string> and Dictionary<Guid, T>")]
    [InlineData("if a < b and c > d")]
    [InlineData("<b>bold</b> <br/> <my-component>")]
    [InlineData("see [1], [x] and [JIRA-123]")]
    [InlineData("see [add dark mode](https://example.com/1)")]
    [InlineData("docs/TODO.md, src/TODO/list.ts, SD-XXX-001")]
    [InlineData("a todo list for the mastodon")]
    [InlineData("{ \"a\": {} }")]
    public void Takes_nothing_else_for_it(string text) => Assert.Null(Boilerplate.Placeholder(text));

    [Theory]
    [InlineData('[')]
    [InlineData('<')]
    [InlineData('{')]
    [InlineData(' ')]
    [InlineData('-')]
    [InlineData('n')]
    public void A_long_text_of_one_character_takes_no_time(char character)
    {
        string text = new(character, 250_000);

        Assert.Equal(TimeSpan.Zero, Beyond(() => Boilerplate.SaysNothing(text)));
        Assert.Equal(TimeSpan.Zero, Beyond(() => Judged.WithNotes("Decided: " + text + string.Concat(Enumerable.Repeat(". describe ", 12_500)))));
    }

    /// <summary>How much longer than half a minute the code took: what is not linear would take hours.</summary>
    private static TimeSpan Beyond(Action code)
    {
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        code();
        TimeSpan over = System.Diagnostics.Stopwatch.GetElapsedTime(start) - TimeSpan.FromSeconds(30);
        return over > TimeSpan.Zero ? over : TimeSpan.Zero;
    }

    [Theory]
    [InlineData("TODO comment added to the retry loop")]
    [InlineData("Removed the last TODO from the parser")]
    [InlineData("No TODO left in the module")]
    [InlineData("Every TODO comment is resolved")]
    [InlineData("The TODO list page has a filter")]
    public void A_text_about_a_marker_is_no_template(string text) => Assert.Null(Boilerplate.Placeholder(text));

    [Theory]
    [InlineData("The parser is rewritten. TODO describe the tests", "TODO")]
    [InlineData("TODO list the risks", "TODO")]
    [InlineData("todo: numbers", "todo")]
    [InlineData("Cost: TBD", "TBD")]
    [InlineData("FIXME before the review", "FIXME")]
    public void A_marker_in_front_of_work_is(string text, string placeholder) => Assert.Equal(placeholder, Boilerplate.Placeholder(text));
}
