using LeoPS.Sessions;

namespace LeoPS.Units.Sessions;

public sealed class SessionVerdictTests
{
    private static readonly NewSession _wanted = new() { Sd = "SD-1", ImplementationType = ImplementationType.UI_COMPONENT };
    private static readonly ActiveSessions _free = new("SD-1", "9f5b8c1e", "SD-1", "Title", []);

    [Fact]
    public void A_directive_without_an_active_session_is_no_obstacle() => Assert.Null(SessionVerdict.Obstacle(_wanted, _free, "me"));

    [Fact]
    public void An_unknown_directive_is_told_as_unknown_or_hidden()
    {
        LeoException? error = SessionVerdict.Obstacle(_wanted, new ActiveSessions("SD-1", null, null, null, []), "anon");
        Assert.Equal(LeoErrorId.ReferenceNotFound, error?.ErrorId);
        Assert.Contains("id or key SD-1, or it is hidden from role anon", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_active_session_is_refused_and_the_first_is_named()
    {
        LeoException? error = SessionVerdict.Obstacle(_wanted, _free with { Sessions = [SampleSession.Full()] }, "me");
        Assert.Equal(LeoErrorId.StatusConflict, error?.ErrorId);
        AssertEach.Of(
            ["directive SD-1", SampleSession.Full().Id.ToString(), "API_ENDPOINT", "started 2026-01-10 03:37:46Z"],
            s => Assert.Contains(s, error!.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void The_first_is_named_without_its_times_too() => Assert.Contains(
        "0f8fad5b-d9cb-469f-a165-70867728950e. It",
        SessionVerdict.Obstacle(_wanted, _free with { Sessions = [new ImplementationSession { Id = SampleSession.Full().Id }] }, "me")!.Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(SessionStatus.Paused)]
    [InlineData(SessionStatus.Completed)]
    [InlineData(SessionStatus.Failed)]
    [InlineData(SessionStatus.Cancelled)]
    public void Beside_an_active_session_others_can_be_made(SessionStatus status) =>
        Assert.Null(SessionVerdict.Obstacle(_wanted with { Status = status }, _free with { Sessions = [SampleSession.Full()] }, "me"));

    [Fact]
    public void A_directive_is_called_by_its_key_or_else_its_id_or_else_what_was_given()
    {
        Assert.Equal("SD-1", _free.Label);
        Assert.Equal("9f5b8c1e", (_free with { SdKey = null }).Label);
        Assert.Equal("given", new ActiveSessions("given", null, null, null, []).Label);
    }
}
