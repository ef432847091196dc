using LeoPS.Statuses;

namespace LeoPS.Units.Statuses;

public sealed class StatusNamesTests
{
    [Theory]
    [InlineData("preparing", HandoffStatus.Preparing)]
    [InlineData("Ready", HandoffStatus.Ready)]
    [InlineData("SENT", HandoffStatus.Sent)]
    [InlineData("aCCePTeD", HandoffStatus.Accepted)]
    [InlineData(" rejected ", HandoffStatus.Rejected)]
    public void A_whole_name_is_read_in_any_case(string text, HandoffStatus expected)
    {
        Assert.True(StatusNames<HandoffStatus>.TryParse(text, out HandoffStatus status));
        Assert.Equal(expected, status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("0")]
    [InlineData("3")]
    [InlineData("-1")]
    [InlineData("s")]
    [InlineData("Sen")]
    [InlineData("Sents")]
    [InlineData("sent,ready")]
    [InlineData("sent, ready")]
    [InlineData("sent;ready")]
    [InlineData("sent ready")]
    [InlineData("ſent")]
    [InlineData("unknown")]
    public void Anything_else_is_refused(string? text)
    {
        Assert.False(StatusNames<HandoffStatus>.TryParse(text, out HandoffStatus status));
        Assert.Equal(default, status);
    }

    [Theory]
    [InlineData("preparing", HandoffStatus.Preparing)]
    [InlineData("ready", HandoffStatus.Ready)]
    [InlineData("sent", HandoffStatus.Sent)]
    [InlineData("accepted", HandoffStatus.Accepted)]
    [InlineData("rejected", HandoffStatus.Rejected)]
    public void The_column_has_the_name_in_lower_case(string column, HandoffStatus status)
    {
        Assert.Equal(column, StatusNames<HandoffStatus>.ToColumn(status));
        Assert.True(StatusNames<HandoffStatus>.TryFromColumn(column, out HandoffStatus read));
        Assert.Equal(status, read);
    }

    [Theory]
    [InlineData("Sent")]
    [InlineData(" sent")]
    [InlineData("archived")]
    [InlineData("2")]
    [InlineData("")]
    public void A_column_is_read_to_the_letter(string column) => Assert.False(StatusNames<HandoffStatus>.TryFromColumn(column, out _));

    [Fact]
    public void The_names_are_listed_in_the_order_of_the_enum()
    {
        Assert.Equal("Preparing, Ready, Sent, Accepted, Rejected", StatusNames<HandoffStatus>.List);
        Assert.Equal(Enum.GetValues<HandoffStatus>(), StatusNames<HandoffStatus>.All);
    }

    [Property]
    public bool Whatever_is_read_is_one_whole_name(string? text) =>
        !StatusNames<HandoffStatus>.TryParse(text, out HandoffStatus status)
        || status.ToString().Equals(text!.Trim(), StringComparison.OrdinalIgnoreCase);

    [Property]
    public bool A_number_is_never_a_status(int number) => !StatusNames<HandoffStatus>.TryParse(number.ToString(), out _);
}
