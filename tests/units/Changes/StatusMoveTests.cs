using LeoPS.Changes;
using LeoPS.Handoffs;
using static LeoPS.HandoffStatus;

namespace LeoPS.Units.Changes;

public sealed class StatusMoveTests
{
    [Fact]
    public void Without_force_only_the_path_is_open()
    {
        StatusMove<HandoffStatus> move = To(Sent);

        Assert.Equal([Ready], move.Moves.Select(m => m.From));
        Assert.True(move.IsOpenTo(Ready));
        AssertEach.Of([Preparing, Sent, Accepted, Rejected], from => Assert.False(move.IsOpenTo(from)));
    }

    [Fact]
    public void With_force_every_other_status_is_open()
    {
        var move = new StatusMove<HandoffStatus>(HandoffTransitions.Table, Sent, Force: true, null);

        Assert.Equal([Preparing, Ready, Accepted, Rejected], move.Moves.Select(m => m.From));
        Assert.False(move.IsOpenTo(Sent));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData(" \t\r\n ", null)]
    [InlineData("too thin", "too thin")]
    [InlineData("  too thin\r\n", "too thin")]
    [InlineData("one\r\ntwo\n\n  three\rfour", "one two three four")]
    [InlineData("one\u2028two\u2029three\u0085four\ffive", "one two three four five")]
    [InlineData("it's 100 % \\ \"fine\" 🎉", "it's 100 % \\ \"fine\" 🎉")]
    public void The_reason_stands_on_one_line(string? reason, string? line) => Assert.Equal(line, To(Rejected, reason).ReasonLine);

    [Property]
    public bool Whatever_the_reason_it_is_one_line_or_none(string? reason)
    {
        string? line = To(Rejected, reason).ReasonLine;
        return line is null
            ? string.IsNullOrWhiteSpace(reason)
            : line.ReplaceLineEndings("|") == line && line.Length <= reason!.Length && line == line.Trim();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \r\n ")]
    public void A_rejection_asks_for_a_reason(string? reason)
    {
        LeoException error = Assert.Throws<LeoException>(() => To(Rejected, reason).RequireReason());

        Assert.Equal(LeoErrorId.ReasonRequired, error.ErrorId);
        Assert.Contains("-Reason", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Force_does_not_skip_a_missing_reason() =>
        Assert.Throws<LeoException>(() => new StatusMove<HandoffStatus>(HandoffTransitions.Table, Rejected, Force: true, " ").RequireReason());

    [Theory]
    [InlineData(Rejected, "why")]
    [InlineData(Sent, null)]
    [InlineData(Accepted, null)]
    [InlineData(Preparing, null)]
    [InlineData(Ready, null)]
    public void Where_none_is_asked_for_or_one_is_given_it_goes_on(HandoffStatus target, string? reason) => To(target, reason).RequireReason();

    private static StatusMove<HandoffStatus> To(HandoffStatus target, string? reason = null) => new(HandoffTransitions.Table, target, Force: false, reason);

    [Fact]
    public void A_reason_that_no_column_can_hold_is_refused_before_anything_is_written()
    {
        var move = new StatusMove<HandoffStatus>(HandoffTransitions.Table, HandoffStatus.Sent, Force: false, "a\0b");
        Assert.Equal(LeoErrorId.ValueOutOfRange, Assert.Throws<LeoException>(move.RequireReason).ErrorId);
    }
}
