using LeoPS.Changes;
using LeoPS.Flows;

namespace LeoPS.Units.Flows;

public sealed class FlowVerdictTests
{
    private static readonly Flow Seen = SampleFlow.Full();
    private static readonly NewFlow New = new() { FlowKey = "weekly-board-meeting" };

    [Theory]
    [InlineData(uint.MaxValue, "abc", true)]
    [InlineData(uint.MaxValue, "other", true)]
    [InlineData(uint.MaxValue, null, true)]
    [InlineData(1u, "abc", true)]
    [InlineData(null, "abc", true)]
    [InlineData(null, null, true)]
    [InlineData(1u, "other", false)]
    [InlineData(1u, null, false)]
    [InlineData(null, "other", false)]
    public void A_flow_is_the_same_by_its_version_or_by_what_people_wrote(uint? rowVersion, string? hash, bool same)
    {
        var known = new FlowVersion(rowVersion, hash);
        Assert.Equal(same, known.Matches(Seen));
        Assert.Equal(same ? null : LeoErrorId.EditConflict, FlowVerdict.Preview(Edit(known), Seen, "me")?.ErrorId);
    }

    [Fact]
    public void What_the_relation_does_not_tell_is_no_match()
    {
        var seen = new Flow { Id = Seen.Id };
        Assert.False(new FlowVersion(1, null).Matches(seen));
        Assert.False(new FlowVersion(null, "abc").Matches(seen));
        Assert.True(default(FlowVersion).Matches(seen));
    }

    [Fact]
    public void An_object_knows_both()
    {
        Assert.Equal(new FlowVersion(uint.MaxValue, "abc"), FlowVersion.Of(Seen));
        Assert.True(FlowVersion.Of(SampleFlow.Bare()).IsUnknown);
        Assert.Equal(new RowGuard(uint.MaxValue, null, null), ((IRowChange)Edit(FlowVersion.Of(Seen))).Guard);
        Assert.Null(((IRowChange)Edit(new FlowVersion(null, "abc"))).Guard);
    }

    [Fact]
    public void An_edit_of_what_cannot_be_seen_is_FlowNotFound_or_hidden()
    {
        LeoException error = FlowVerdict.OfEdit(Edit(default), null, held: false, "anon", TimeSpan.Zero);
        Assert.Equal(LeoErrorId.FlowNotFound, error.ErrorId);
        Assert.Contains("hidden from role anon", error.Message, StringComparison.Ordinal);
        Assert.Contains(Seen.Id.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_edit_of_a_changed_flow_is_a_conflict_even_where_it_is_held()
    {
        LeoException error = FlowVerdict.OfEdit(Edit(new FlowVersion(1, "old")), Seen, held: true, "me", TimeSpan.Zero);
        Assert.Equal(LeoErrorId.EditConflict, error.ErrorId);
        Assert.Contains("weekly-board-meeting", error.Message, StringComparison.Ordinal);
        Assert.Contains("2026-01-11 03:37:46Z", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_edit_of_the_very_same_flow_is_RowLocked_or_Forbidden_and_never_success()
    {
        Assert.Equal(LeoErrorId.RowLocked, FlowVerdict.OfEdit(Edit(FlowVersion.Of(Seen)), Seen, held: true, "me", TimeSpan.FromSeconds(2)).ErrorId);
        LeoException forbidden = FlowVerdict.OfEdit(Edit(default), Seen, held: false, "authenticated", TimeSpan.Zero);
        Assert.Equal(LeoErrorId.Forbidden, forbidden.ErrorId);
        Assert.Contains("Role authenticated", forbidden.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_taken_key_names_the_flow_that_has_it_and_what_to_do()
    {
        Verdict verdict = FlowVerdict.OfNew(New, Seen, again: false, held: true, "me", TimeSpan.Zero);
        Assert.Equal((VerdictKind.Failed, LeoErrorId.ValueOutOfRange), (verdict.Kind, verdict.Error!.ErrorId));
        AssertEach.Of(
            ["weekly-board-meeting", Seen.Id.ToString(), Seen.FlowName, "Active", "Choose another key", $"Set-Flow -FlowId {Seen.Id}"],
            part => Assert.Contains(part, verdict.Error.Message, StringComparison.Ordinal));
        Assert.Contains("without a status", FlowVerdict.Preview(New, SampleFlow.Bare())!.Message, StringComparison.Ordinal);
        Assert.Null(FlowVerdict.Preview(New, null));
    }

    [Fact]
    public void A_key_that_nobody_visible_has_is_tried_once_more_and_then_hidden()
    {
        Assert.Equal(new Verdict(VerdictKind.LookAgain, null), FlowVerdict.OfNew(New, null, again: false, held: false, "me", TimeSpan.Zero));
        Verdict verdict = FlowVerdict.OfNew(New, null, again: true, held: false, "authenticated", TimeSpan.Zero);
        Assert.Equal((VerdictKind.Failed, LeoErrorId.ValueOutOfRange), (verdict.Kind, verdict.Error!.ErrorId));
        Assert.Contains("hidden from role authenticated", verdict.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_somebody_is_about_to_take_is_RowLocked() =>
        Assert.Equal(LeoErrorId.RowLocked, FlowVerdict.OfNew(New, null, again: false, held: true, "me", TimeSpan.FromSeconds(1)).Error!.ErrorId);

    private static FlowEdit Edit(FlowVersion known) => new(Seen.Id, known, null, new FlowValues());
}
