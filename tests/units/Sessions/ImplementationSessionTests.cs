using System.Text.Json;
using LeoPS.Reading;
using LeoPS.Sessions;
using LeoPS.Statuses;

namespace LeoPS.Units.Sessions;

public sealed class ImplementationSessionTests
{
    public static TheoryData<SessionOrder, object?> Keys => new()
    {
        { SessionOrder.Id, SampleSession.Full().Id },
        { SessionOrder.StartedAt, SampleSession.At },
        { SessionOrder.CompletedAt, SampleSession.At.AddDays(1) },
        { SessionOrder.CreatedAt, SampleSession.At.AddDays(2) },
        { SessionOrder.UpdatedAt, SampleSession.At.AddDays(3) },
        { SessionOrder.SdId, "9f5b8c1e" },
        { SessionOrder.Status, "active" },
        { SessionOrder.ImplementationType, "API_ENDPOINT" },
    };

    [Fact]
    public void Every_order_is_listed() => Assert.Equal(Enum.GetValues<SessionOrder>(), Keys.Select(row => (SessionOrder)row[0]!));

    [Theory]
    [MemberData(nameof(Keys))]
    public void It_knows_its_place_in_every_order(SessionOrder order, object? key) =>
        Assert.Equal(new ResumePoint(SampleSession.Full().Id, KeyKnown: true, key), ResumePoint.After(SampleSession.Full(), order));

    [Fact]
    public void It_is_called_by_its_directive_its_short_id_and_its_status()
    {
        Assert.Equal("SD-UAT-001 0f8fad5b Active", SampleSession.Full().ToString());
        Assert.Equal(SampleSession.Full().Id, SampleSession.Full().SessionId);
    }

    [Fact]
    public void A_line_holds_every_column_and_leaves_out_what_is_null()
    {
        JsonElement line = JsonDocument.Parse(SessionJson.Line(SampleSession.Full())).RootElement;
        Assert.Equal(
            ["Id", "SdId", "SdKey", "SdTitle", "Status", "ImplementationType", "StartedAt", "CompletedAt", "CreatedAt", "UpdatedAt", "RowVersion", "AdditionalColumns"],
            line.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("Active", "API_ENDPOINT"), (line.GetProperty("Status").GetString(), line.GetProperty("ImplementationType").GetString()));
        Assert.Equal(["Id", "SdId"], JsonDocument.Parse(SessionJson.Line(new ImplementationSession())).RootElement.EnumerateObject().Select(p => p.Name));
    }

    [Theory]
    [InlineData("UI_COMPONENT")]
    [InlineData("API_ENDPOINT")]
    [InlineData("DATABASE_CHANGE")]
    [InlineData("AUTHENTICATION")]
    [InlineData("SYSTEM_TOOLING")]
    [InlineData("GENERAL_FEATURE")]
    public void A_type_is_spelled_in_capitals_and_typed_in_any_case(string column)
    {
        Assert.True(StatusNames<ImplementationType>.TryFromColumn(column, out ImplementationType type));
        Assert.Equal(column, StatusNames<ImplementationType>.ToColumn(type));
        Assert.True(StatusNames<ImplementationType>.TryParse(column.ToLowerInvariant(), out ImplementationType typed));
        Assert.Equal(type, typed);
        Assert.False(StatusNames<ImplementationType>.TryFromColumn(column.ToLowerInvariant(), out _));
    }

    [Fact]
    public void Nothing_but_ids_selects_until_another_condition_is_there()
    {
        Assert.True(new SessionFilter { Ids = [Guid.NewGuid()] }.OnlyIds);
        Assert.False(new SessionFilter { Ids = [], SdNames = ["a"] }.OnlyIds);
        Assert.False(new SessionFilter { Ids = [], Types = [] }.OnlyIds);
    }
}
