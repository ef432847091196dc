using System.Collections;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace LeoPS.Units.Json;

public sealed class TextArrayBuilderTests
{
    public static TheoryData<object?, string?[]?> Lists { get; } = new()
    {
        { null, null },
        { DBNull.Value, null },
        { new StrongBox<object?>(null), null },
        { Array.Empty<object>(), [] },
        { new object?[] { "a", null, "", DBNull.Value, new StrongBox<object?>("b") }, ["a", null, "", null, "b"] },
        { new List<object> { 1, 1.5, true, 'c', new Guid("11111111-2222-3333-4444-555555555555") }, ["1", "1.5", "true", "c", "11111111-2222-3333-4444-555555555555"] },
        { new Queue(new[] { "x" }), ["x"] },
        { new TextArray(["t", null]), ["t", null] },
        { JsonValue.Parse("[\"p\", 1.10, null]"), ["p", "1.10", null] },
        { JsonDocument.Parse("[\"e\", 1e400, null, true]").RootElement, ["e", "1e400", null, "true"] },
        { JsonDocument.Parse("\"[1]\"").RootElement, ["1"] },
        { "[]", [] },
        { " [\"a\", null, \"with \\\"quotes\\\"\", 7]\n", ["a", null, "with \"quotes\"", "7"] },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public void A_sequence_or_the_text_of_a_json_array_gives_its_elements(object? value, string?[]? items)
    {
        Assert.Equal(items, Builder().Build(value, loneIsElement: false));
        Assert.Equal(items, Builder().Build(value, loneIsElement: true));
    }

    [Theory]
    [InlineData("a;b")]
    [InlineData("a")]
    [InlineData("")]
    [InlineData("{\"a\": 1}")]
    [InlineData("\"a\"")]
    [InlineData("null")]
    public void In_a_cell_a_text_that_is_no_json_array_is_refused_and_not_split(string text)
    {
        LeoException error = Refused(text, loneIsElement: false, LeoErrorId.InvalidJson);

        Assert.StartsWith("Column KnownIssues is a text that is no JSON array", error.Message, StringComparison.Ordinal);
        Assert.Contains("not split", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a;b")]
    [InlineData("a")]
    [InlineData("")]
    [InlineData("{\"a\": 1}")]
    public void On_a_command_line_it_is_the_one_element(string text) => Assert.Equal([text], Builder().Build(text, loneIsElement: true));

    [Theory]
    [InlineData("[broken")]
    [InlineData(" [\"a\",]")]
    [InlineData("[1] 2")]
    public void One_that_begins_like_an_array_and_is_none_is_refused_everywhere(string text)
    {
        Refused(text, loneIsElement: false, LeoErrorId.InvalidJson);
        Refused(text, loneIsElement: true, LeoErrorId.InvalidJson);
    }

    [Fact]
    public void What_is_no_list_of_texts_is_refused()
    {
        Assert.Contains("Hashtable", Refused(new Hashtable(), true, LeoErrorId.ValueOutOfRange).Message, StringComparison.Ordinal);
        Assert.Contains("Hashtable", Refused(new object[] { new Hashtable() }, true, LeoErrorId.ValueOutOfRange).Message, StringComparison.Ordinal);
        Assert.Contains("Object[]", Refused(new object[] { new object[] { "a" } }, true, LeoErrorId.ValueOutOfRange).Message, StringComparison.Ordinal);
        Assert.Contains("JSON array", Refused("[[1]]", true, LeoErrorId.ValueOutOfRange).Message, StringComparison.Ordinal);
        Assert.Contains("JSON object", Refused("[{}]", true, LeoErrorId.ValueOutOfRange).Message, StringComparison.Ordinal);
        Assert.Contains("FakeObject", Refused(new FakeObject(), true, LeoErrorId.ValueOutOfRange).Message, StringComparison.Ordinal);
        Refused("[\"\\ud800\"]", true, LeoErrorId.InvalidJson);
    }

    private static TextArrayBuilder Builder() => new(new FakeShape(), "Column KnownIssues");

    private static LeoException Refused(object value, bool loneIsElement, LeoErrorId errorId)
    {
        LeoException error = Assert.Throws<LeoException>(() => Builder().Build(value, loneIsElement));
        Assert.Equal(errorId, error.ErrorId);
        Assert.StartsWith("Column KnownIssues ", error.Message, StringComparison.Ordinal);
        return error;
    }
}
