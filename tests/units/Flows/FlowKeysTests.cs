using LeoPS.Flows;

namespace LeoPS.Units.Flows;

public sealed class FlowKeysTests
{
    [Theory]
    [InlineData("weekly", "weekly")]
    [InlineData(" weekly ", " weekly ")]
    [InlineData("a`*b", "a*b")]
    [InlineData("a`[1]", "a[1]")]
    [InlineData("a]", "a]")]
    public void A_key_is_taken_literally_without_its_backticks(string typed, string key) => Assert.Equal(key, FlowKeys.Single(typed));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("week*")]
    [InlineData("week?y")]
    [InlineData("[w]eekly")]
    public void What_names_no_single_flow_is_refused(string typed) =>
        Assert.Equal(LeoErrorId.InvalidIdentity, Assert.Throws<LeoException>(() => FlowKeys.Single(typed)).ErrorId);

    [Fact]
    public void A_key_that_no_column_holds_is_no_flows_key() => AssertEach.Of(
        ["a\0", "a\ud800"],
        key => Assert.Equal(LeoErrorId.FlowNotFound, Assert.Throws<LeoException>(() => FlowKeys.Single(key)).ErrorId));

    [Fact]
    public void A_pattern_is_told_how_to_go_on_and_not_repeated_at_length()
    {
        Assert.Contains("Get-Flow -FlowKey 'week*'", Assert.Throws<LeoException>(() => FlowKeys.Single("week*")).Message, StringComparison.Ordinal);
        Assert.InRange(Assert.Throws<LeoException>(() => FlowKeys.Single(new string('*', 1_000_000))).Message.Length, 10, 500);
    }
}
