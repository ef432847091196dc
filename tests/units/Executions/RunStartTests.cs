using LeoPS.Changes;
using LeoPS.Executions;

namespace LeoPS.Units.Executions;

public sealed class RunStartTests
{
    [Theory]
    [InlineData("weekly-board-meeting", "weekly-board-meeting")]
    [InlineData("a`*b`[1`]", "a*b[1]")]
    [InlineData(" it's 🎉 ", " it's 🎉 ")]
    public void A_flow_is_named_by_its_key_with_backticks_resolved(string given, string key)
    {
        RunStart start = new RunStart { FlowKey = given }.Check();

        Assert.Equal((key, key), (start.FlowKey, start.FlowLabel));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \t")]
    [InlineData("weekly-*")]
    [InlineData("weekly-[ab]")]
    [InlineData("week?")]
    public void A_key_that_names_no_flow_is_refused(string? key)
    {
        Assert.Equal(LeoErrorId.InvalidIdentity, Assert.Throws<LeoException>(() => new RunStart { FlowKey = key }.Check()).ErrorId);
    }

    [Fact]
    public void Half_a_character_is_in_no_key()
    {
        // Not as data of a theory: an attribute does not hold it either.
        const string Half = "half \ud83d";

        AssertKey(Half, taken: false);
        AssertEach.Of(
            [Half, "a\0b"],
            key => Assert.Equal(LeoErrorId.FlowNotFound, Assert.Throws<LeoException>(() => new RunStart { FlowKey = key }.Check()).ErrorId));
    }

    [Fact]
    public void An_id_names_a_flow_alone()
    {
        var id = Guid.NewGuid();

        Assert.Equal(id.ToString(), new RunStart { FlowId = id }.Check().FlowLabel);
        // A key beside it is the one that stands in the row, whatever it looks like.
        Assert.Equal("week`*", new RunStart { FlowId = id, FlowKey = "week`*" }.Check().FlowKey);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(100, true)]
    [InlineData(101, false)]
    [InlineData(0, false)]
    public void An_execution_key_has_one_to_a_hundred_characters(int length, bool taken) => AssertKey(new string('k', length), taken);

    [Theory]
    [InlineData(null, true)]
    [InlineData(" k ", true)]
    [InlineData("k*[?", true)]
    [InlineData(" \t\n", false)]
    [InlineData("a\0b", false)]
    public void An_execution_key_is_taken_to_the_letter_or_refused(string? key, bool taken) => AssertKey(key, taken);

    [Fact]
    public void Every_start_has_an_id_of_its_own_and_no_row_yet()
    {
        RunStart[] starts = [.. Enumerable.Range(0, 100).Select(_ => new RunStart { FlowKey = "f" })];

        Assert.Equal(100, starts.Select(s => s.Check().Id).Distinct().Count());
        Assert.Null(((IRowChange)starts[0]).Guard);
        Assert.Equal(starts[0].Id, starts[0].Check().Id);
    }

    private static void AssertKey(string? key, bool taken)
    {
        Func<RunStart> check = () => new RunStart { FlowKey = "f", ExecutionKey = key }.Check();

        if (taken)
        {
            Assert.Equal(key, check().ExecutionKey);
        }
        else
        {
            Assert.Equal(LeoErrorId.ValueOutOfRange, Assert.Throws<LeoException>(check).ErrorId);
        }
    }
}
