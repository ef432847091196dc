using FsCheck;
using FsCheck.Fluent;

namespace LeoPS.Units.Json;

public sealed class JsonTextTests
{
    private static readonly string[] Pieces = ["\\\\", "\\u0000", "\\ud83d", "\\uDE00", "u0000", "\\n", "\\\"", "0", "é", "😀", "\ud83d", "\ude00", "\",\"", "\":\"", "\0", "\n"];

    [Theory]
    [InlineData("\"\\u0000\"", "holds the character U+0000 at line 1, byte 2")]
    [InlineData("\"\\u00000\"", "holds the character U+0000 at line 1, byte 2")]
    [InlineData("{\"é\\u0000\":1}", "holds the character U+0000 at line 1, byte 5")]
    [InlineData("[\n \"ok\",\n  \"\\n\\u00e9\\\\\\u0000\"]", "holds the character U+0000 at line 3, byte 14")]
    [InlineData("\"a\\ud83dx\"", "holds half of a surrogate pair at line 1, byte 3")]
    [InlineData("\"\\ud83d\\n\\ude00\"", "holds half of a surrogate pair at line 1, byte 2")]
    [InlineData("\"\\ud83d\\u0041\"", "holds half of a surrogate pair at line 1, byte 2")]
    [InlineData("\"\\ud83d\\ude00\\uDE00\"", "holds half of a surrogate pair at line 1, byte 14")]
    [InlineData("{\n  x", "is not valid JSON at line 2, byte 3")]
    [InlineData("\"a\0\"", "is not valid JSON at line 1, byte 3")]
    public void What_a_jsonb_column_cannot_hold_is_refused_with_its_place(string text, string fault)
    {
        LeoException error = Assert.Throws<LeoException>(() => JsonText.RequireStorable(text, "-Metadata"));

        Assert.Equal(LeoErrorId.InvalidJson, error.ErrorId);
        Assert.StartsWith($"-Metadata {fault}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_character_in_the_text_itself_is_refused_with_its_place()
        => Assert.StartsWith(
            "-Metadata holds half of a surrogate pair at line 2, byte 4",
            Assert.Throws<LeoException>(() => JsonText.RequireStorable("[\n\"é\ud83d\"]", "-Metadata")).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("\"\\\\u0000\"")]
    [InlineData("{\"\\\\\\\\u0000 \\\\ud83d\":1e400}")]
    [InlineData("[\"\\u0001\\uD83D\\uDE00😀\\u00e9\"]")]
    public void What_only_looks_like_it_is_taken(string text) => JsonText.RequireStorable(text, "-Metadata");

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public void A_text_may_be_as_deep_as_it_is_read(string open, string close)
    {
        string Nest(int depth) => string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth));

        JsonText.RequireStorable(Nest(JsonValue.MaxDepth), "-Metadata");
        string message = Assert.Throws<LeoException>(() => JsonText.RequireStorable(Nest(JsonValue.MaxDepth + 1), "-Metadata")).Message;
        Assert.Equal($"-Metadata is nested deeper than 512 levels at line 1, byte {(JsonValue.MaxDepth * open.Length) + 1}.", message);
        Assert.Throws<LeoException>(() => JsonText.RequireStorable(Nest(200_000), "-Metadata"));
    }

    [Property(MaxTest = 2000)]
    public Property Any_mixture_of_escapes_is_judged_as_the_parser_and_the_server_would()
        => Prop.ForAll(
            Gen.Elements(Pieces).ListOf().Select(pieces => $"[\"{string.Concat(pieces.Take(6))}\"]").ToArbitrary(),
            text => IsTaken(text) == IsStorable(text));

    private static bool IsTaken(string text)
    {
        try
        {
            JsonText.RequireStorable(text, "-Metadata");
            return true;
        }
        catch (LeoException)
        {
            return false;
        }
    }

    /// <summary>By decoding every string, which the code under test does not.</summary>
    private static bool IsStorable(string text)
    {
        try
        {
            return JsonValue.Parse(text) is JsonList list && list.All(item => item is string value && !value.Contains('\0', StringComparison.Ordinal));
        }
        catch (LeoException)
        {
            return false;
        }
    }
}
