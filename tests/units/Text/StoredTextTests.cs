using LeoPS.Text;

namespace LeoPS.Units.Text;

/// <summary>What a text column holds, and what becomes of the rest.</summary>
public sealed class StoredTextTests
{
    [Theory]
    [InlineData("")]
    [InlineData("tab\t, lines\r\n, \u0001, 日本, 🚀👩‍👩‍👧")]
    public void Text_that_a_column_holds_stays_the_same(string text)
    {
        Assert.True(StoredText.IsStorable(text));
        Assert.Same(text, StoredText.Clean(text));
    }

    // Halves cannot stand in an attribute, whose texts are UTF-8.
    [Fact]
    public void What_no_column_holds_is_told_and_replaced() => AssertEach.Of(
        [("a\0b", "a\uFFFDb"), ("\0", "\uFFFD"), ("a\uD83Db", "a\uFFFDb"), ("\uDE80", "\uFFFD"), ("🚀\uD83D\uD83D\uDE80\uDE80\0", "🚀\uFFFD🚀\uFFFD\uFFFD")],
        pair =>
        {
            Assert.False(StoredText.IsStorable(pair.Item1));
            Assert.Equal(pair.Item2, StoredText.Clean(pair.Item1));
        });

    [Fact]
    public void Nothing_stays_nothing() => Assert.Null(StoredText.Clean(null));
}
