using LeoPS.Executions;
using LeoPS.Units.Json;

namespace LeoPS.Units.Executions;

public sealed class RunOutputTests
{
    [Fact]
    public void Whatever_was_written_it_is_an_array_in_order()
    {
        Assert.Equal("[]", Output(100).Json);
        RunOutput output = Output(1000, "text \"q\"", 1, null, new[] { 1, 2 }, "[3]");
        Assert.Equal("""["text \"q\"",1,null,[1,2],"[3]"]""", output.Json);
        Assert.Equal((output.Json.Length, false), ((int)output.Bytes, output.Truncated));
        Assert.Empty(output.Refusals);
    }

    [Fact]
    public void What_is_too_much_is_counted_in_bytes_and_not_kept()
    {
        // ["ä","b"]: nine characters, ten bytes.
        Assert.Equal("""["ä","b"]""", Output(10, "ä", "b").Json);
        RunOutput output = Output(9, "ä", "b");
        Assert.Equal(("""{"truncated": true, "bytes": 10}""", 10L, true), (output.Json, output.Bytes, output.Truncated));
        output.Add(1);
        Assert.Equal(12, output.Bytes);
    }

    [Fact]
    public void What_cannot_become_JSON_is_null_and_told_with_its_place()
    {
        RunOutput output = Output(100, 1, "a\0b", 2);
        Assert.Equal("[1,null,2]", output.Json);
        LeoException refusal = Assert.Single(output.Refusals);
        Assert.Equal(LeoErrorId.InvalidJson, refusal.ErrorId);
        Assert.StartsWith("Item 2 of the output", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("output[1]", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_very_many_refusals_the_first_are_kept_and_the_others_counted()
    {
        RunOutput output = Output(100_000, [.. Enumerable.Repeat("\0", 1234)]);
        Assert.Equal(11, output.Refusals.Count);
        Assert.StartsWith("1224 more items", output.Refusals[10].Message, StringComparison.Ordinal);
    }

    private static RunOutput Output(long maxBytes, params object?[] items)
    {
        var output = new RunOutput(new FakeShape(), maxBytes);
        Array.ForEach(items, output.Add);
        return output;
    }
}
