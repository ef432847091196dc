using LeoPS.Executions;
using LeoPS.Text;

namespace LeoPS.Units.Executions;

public sealed class RunErrorTests
{
    private const char Replacement = '\uFFFD';

    [Fact]
    public void Nothing_given_is_no_error() => Assert.Null(RunError.Of(null, null, null));

    [Fact]
    public void What_fits_is_kept_to_the_letter()
    {
        RunError error = RunError.Of("m 🎉\n", new string('t', 100), "")!;

        Assert.Equal(("m 🎉\n", new string('t', 100), ""), (error.Message, error.Type, error.Stack));
        Assert.Null(error.Note);
        Assert.Equal(("m", null, null), Parts(RunError.Of("m", null, null)!));
        Assert.Equal((null, "t", null), Parts(RunError.Of(null, "t", null)!));
        Assert.Equal((null, null, "s"), Parts(RunError.Of(null, null, "s")!));
    }

    [Fact]
    public void A_long_type_loses_its_beginning_and_that_is_told()
    {
        string type = string.Concat(Enumerable.Repeat("Namespace.", 12)) + "RateLimitException";
        RunError error = RunError.Of(null, type, null)!;

        Assert.Equal(100, error.Type!.Length);
        Assert.StartsWith("…", error.Type, StringComparison.Ordinal);
        Assert.EndsWith(".RateLimitException", error.Type, StringComparison.Ordinal);
        Assert.Contains(error.Type, error.Note, StringComparison.Ordinal);
        Assert.InRange(RunError.Of(null, new string('x', 1_000_000), null)!.Note!.Length, 100, 400);
    }

    [Fact]
    public void What_no_column_holds_is_replaced_in_each_of_the_three_and_that_is_told()
    {
        // Not as data of a theory: an attribute does not hold halves of characters either.
        foreach (string text in new[] { "a\0b", "half \ud83d", "\ude80 half", "\ude80\ud83d turned" })
        {
            foreach (RunError error in new[] { RunError.Of(text, null, null)!, RunError.Of(null, text, null)!, RunError.Of(null, null, text)! })
            {
                string kept = error.Message ?? error.Type ?? error.Stack!;
                Assert.True(StoredText.IsStorable(kept));
                Assert.Equal(text.Length, kept.Length);
                Assert.Contains(Replacement, kept);
                Assert.Contains("U+FFFD", error.Note, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_cut_goes_between_two_characters()
    {
        for (int before = 0; before < 4; before++)
        {
            RunError error = RunError.Of(null, new string('x', before) + string.Concat(Enumerable.Repeat("🎉", 60)), null)!;
            Assert.True(StoredText.IsStorable(error.Type!));
            Assert.DoesNotContain(Replacement, error.Type!);
            Assert.InRange(error.Type!.Length, 99, 100);
            Assert.DoesNotContain("U+FFFD", error.Note, StringComparison.Ordinal);
        }
    }

    [Property]
    public bool Whatever_is_given_can_be_recorded(string? message, string? type, string? stack) =>
        RunError.Of(message, type, stack) is not { } error
            ? message is null && type is null && stack is null
            : new[] { error.Message, error.Type, error.Stack }.All(text => text is null || StoredText.IsStorable(text))
                && (error.Type?.Length ?? 0) <= RunError.MaxTypeLength
                && (error.Note is null) == ((message, type, stack) == Parts(error));

    private static (string? Message, string? Type, string? Stack) Parts(RunError error) => (error.Message, error.Type, error.Stack);
}
