using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using LeoPS.Text;

namespace LeoPS.Units.Text;

public sealed class WildcardTests
{
    // The characters that matter to either grammar, a few that don't, and one outside the basic plane.
    private static readonly string[] Alphabet =
        ["a", "B", "z", "0", "*", "?", "[", "]", "`", "-", "^", "!", "\\", ".", "$", "(", ")", "{", "}", "|", "+", "%", "_", "'", "\"", " ", "\n", "é", "😀"];

    [Theory]
    [InlineData("SD-2026-*", "^SD-2026-.*$")]
    [InlineData("a?c", "^a.c$")]
    [InlineData("[AB]x", "^[AB]x$")]
    [InlineData("[a-c]", "^[a-c]$")]
    [InlineData("[a-]", @"^[a\-]$")]
    [InlineData("[a`-c]", @"^[a\-c]$")]
    [InlineData("[^a]", @"^[\^a]$")]
    [InlineData("[]a]", @"^[\]a]$")]
    [InlineData("[[:a:]x", @"^[\[:a:]x$")]
    [InlineData(@"[\d]", @"^[\\d]$")]
    [InlineData("a`*b`[c`]", @"^a\*b\[c\]$")]
    [InlineData("***", "^.*$")]
    [InlineData("**a**`**", @"^.*a.*\*.*$")]
    [InlineData("(`?i)a.b", @"^\(\?i\)a\.b$")]
    [InlineData("", "^$")]
    [InlineData("`", "^`$")]
    [InlineData("50%_\\d{2}", @"^50%_\\d\{2\}$")]
    public void Becomes_a_regular_expression(string pattern, string expected) => Assert.Equal(expected, Wildcard.ToRegex(pattern));

    [Theory]
    [InlineData("a[")]
    [InlineData("a[]")]
    [InlineData("[a`]")]
    [InlineData("[z-a]")]
    [InlineData("a\0")]
    public void What_PowerShell_refuses_or_PostgreSQL_cannot_hold_is_refused(string pattern)
        => Assert.Equal(LeoErrorId.InvalidIdentity, Assert.Throws<LeoException>(() => Wildcard.ToRegex(pattern)).ErrorId);

    [Theory]
    [InlineData(0xd800)]
    [InlineData(0xdc00)]
    public void Half_a_character_is_refused(int code)
    {
        Assert.Throws<LeoException>(() => Wildcard.ToRegex("a" + (char)code));
        Assert.Throws<LeoException>(() => Wildcard.ToRegex("[" + (char)code + "]"));
    }

    [Fact]
    public void Names_are_what_holds_no_wildcard_and_are_literal() =>
        Assert.Equal(["SD-1", "SD-*", "a\0"], Wildcard.Names(["SD-1", "SD-*", "SD-`*", "[a]", "a\0"]));

    [Fact]
    public void A_name_that_no_column_holds_is_not_looked_for()
    {
        // A pattern of the kind is refused later, and by its own message.
        Assert.Equal(["SD-1", "*\0"], Wildcard.Findable(["SD-1", "a\0", "*\0"])!);
        Assert.Null(Wildcard.Findable(null));
        Assert.Empty(Wildcard.Names(null));
    }

    [Theory]
    [InlineData("SD-1", false)]
    [InlineData("SD-*", true)]
    [InlineData("SD-?", true)]
    [InlineData("SD-[1]", true)]
    [InlineData("SD-[", true)]
    [InlineData("SD-]", false)]
    [InlineData("SD-`*", false)]
    [InlineData("SD-``*", true)]
    [InlineData("`", false)]
    [InlineData("", false)]
    public void Patterns_are_told_from_text(string text, bool expected) => Assert.Equal(expected, Wildcard.IsPattern(text));

    [Theory]
    [InlineData("a`*b", "a*b")]
    [InlineData("a``b", "a`b")]
    [InlineData("a`", "a`")]
    [InlineData("plain", "plain")]
    public void Escapes_go(string text, string expected) => Assert.Equal(expected, Wildcard.Unescape(text));

    [Property(MaxTest = 3000)]
    public Property Matches_what_the_reference_matches()
        => Prop.ForAll(Texts(8), Texts(6), (pattern, text) =>
        {
            bool? expected = WildcardReference.Matches(pattern, text);
            if (expected is null)
            {
                Assert.Throws<LeoException>(() => Wildcard.ToRegex(pattern));
                return true;
            }

            return Matches(Wildcard.ToRegex(pattern), text) == expected;
        });

    [Property(MaxTest = 1000)]
    public Property A_text_without_wildcards_matches_itself_alone()
        => Prop.ForAll(Texts(8), Texts(8), (pattern, other) =>
        {
            if (Wildcard.IsPattern(pattern))
            {
                return true;
            }

            string regex = Wildcard.ToRegex(pattern);
            string literal = Wildcard.Unescape(pattern);
            return Matches(regex, literal) && Matches(regex, other) == string.Equals(literal, other, StringComparison.OrdinalIgnoreCase);
        });

    private static Arbitrary<string> Texts(int length)
        => Gen.Elements(Alphabet).ListOf().Select(pieces => string.Concat(pieces.Take(length))).ToArbitrary();

    /// <summary>.NET agrees with PostgreSQL on all that is produced, but for three things: '$' before a last newline, '.' and newlines, half an emoji.</summary>
    private static bool Matches(string regex, string text)
    {
        string dotnet = regex[..^1].Replace("😀", "\ue000", StringComparison.Ordinal) + "\\z";
        return Regex.IsMatch(
            text.Replace("😀", "\ue000", StringComparison.Ordinal),
            dotnet,
            RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant,
            TimeSpan.FromSeconds(5));
    }
}
