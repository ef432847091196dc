using LeoPS.Sessions;

namespace LeoPS.Units.Sessions;

public sealed class NewSessionTests
{
    private static readonly NewSession _plain = new() { Sd = "SD-1", ImplementationType = ImplementationType.DATABASE_CHANGE };

    [Fact]
    public void Without_a_status_it_is_active() => Assert.Equal(SessionStatus.Active, _plain.Check().Status);

    [Theory]
    [InlineData(SessionStatus.Active, "active", false)]
    [InlineData(SessionStatus.Paused, "paused", false)]
    [InlineData(SessionStatus.Completed, "completed", true)]
    [InlineData(SessionStatus.Failed, "failed", true)]
    [InlineData(SessionStatus.Cancelled, "cancelled", true)]
    public void One_that_is_over_knows_it(SessionStatus status, string column, bool isOver)
    {
        NewSession session = _plain with { Status = status };
        Assert.Equal(isOver, session.IsOver);
        Assert.Equal([session.Id.ToString(), "", column, "DATABASE_CHANGE"], session.Columns.Select(c => c.Value));
    }

    [Fact]
    public void A_name_that_no_directive_has_is_refused() => AssertEach.Of(
        // Not as data of a theory: metadata holds no half of a pair.
        [("", LeoErrorId.InvalidIdentity), ("  ", LeoErrorId.InvalidIdentity), ("a\0", LeoErrorId.ReferenceNotFound), ("\ud83c", LeoErrorId.ReferenceNotFound)],
        bad => Assert.Equal(bad.Item2, Assert.Throws<LeoException>(() => (_plain with { Sd = bad.Item1 }).Check()).ErrorId));

    [Fact]
    public void Without_a_type_it_is_refused_and_the_types_are_listed()
    {
        LeoException error = Assert.Throws<LeoException>(() => (_plain with { ImplementationType = null }).Check());
        Assert.Equal(LeoErrorId.ValueOutOfRange, error.ErrorId);
        Assert.Contains("SD-1", error.Message, StringComparison.Ordinal);
        Assert.Contains("UI_COMPONENT, API_ENDPOINT", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_is_no_name_and_a_backtick_makes_one_of_it()
    {
        Assert.Equal("SD-[1]*", NewSession.Single("SD-`[1]`*"));
        LeoException error = Assert.Throws<LeoException>(() => NewSession.Single("SD-*"));
        Assert.Equal(LeoErrorId.InvalidIdentity, error.ErrorId);
        Assert.Contains("Get-StrategicDirective 'SD-*' | New-ImplementationSession", error.Message, StringComparison.Ordinal);
    }
}
