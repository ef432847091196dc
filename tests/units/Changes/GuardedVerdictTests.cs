using LeoPS.Changes;
using LeoPS.Units.Handoffs;

namespace LeoPS.Units.Changes;

public sealed class GuardedVerdictTests
{
    private static readonly LeoException Obstacle = new(LeoErrorId.InvalidJson, "no object");

    [Fact]
    public void A_row_that_is_not_visible_is_not_found_or_hidden() =>
        Assert.Contains("hidden from role authenticated", Failed(Of(Row().Guard, seen: null), LeoErrorId.NotFound).Message, StringComparison.Ordinal);

    [Fact]
    public void A_row_of_another_xmin_is_an_edit_conflict_before_all_else()
    {
        LeoException error = Failed(Of(Row().Guard with { RowVersion = 7 }, Row(), Obstacle, held: true), LeoErrorId.EditConflict);

        Assert.Contains("SD-UAT-001", error.Message, StringComparison.Ordinal);
        Assert.Contains("last updated 2026-01-13 03:37:46Z", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_there_is_no_xmin_status_and_time_stand_in()
    {
        HandoffPreparation row = Row();
        row.RowVersion = null;
        RowGuard guard = row.Guard;

        Failed(Of(guard, row), LeoErrorId.Forbidden);
        Failed(Of(guard with { StatusText = "ready" }, row), LeoErrorId.EditConflict);
        Failed(Of(guard with { UpdatedAt = null }, row), LeoErrorId.EditConflict);
    }

    [Fact]
    public void What_stands_in_the_way_of_the_row_as_it_is_comes_next() => Assert.Same(Obstacle, Of(null, Row(), Obstacle, held: true).Error);

    [Fact]
    public void A_held_row_is_locked() => Failed(Of(Row().Guard, Row(), held: true), LeoErrorId.RowLocked);

    [Fact]
    public void The_very_same_row_that_was_not_written_may_not_be_changed() => Failed(Of(Row().Guard, Row()), LeoErrorId.Forbidden);

    [Fact]
    public void A_bare_id_gets_a_second_chance_guarded_by_the_look()
    {
        Assert.Equal(VerdictKind.LookAgain, Of(null, Row()).Kind);
        Failed(Of(Row().Guard, Row(), relooked: true), LeoErrorId.Forbidden);
        // It changed between the two looks: nobody knew it, so nobody is in conflict.
        Assert.Equal(VerdictKind.LookAgain, Of(Row().Guard with { RowVersion = 7 }, Row(), relooked: true).Kind);
        Failed(Of(Row().Guard, seen: null, relooked: true), LeoErrorId.NotFound);
    }

    [Fact]
    public void Before_anything_is_written_only_what_can_be_seen_is_told()
    {
        HandoffPreparation row = Row();

        Assert.Null(GuardedVerdict.Preview<HandoffStatus>("handoff", row.Guard, row.Id, row, null, "r"));
        Assert.Null(GuardedVerdict.Preview<HandoffStatus>("handoff", null, row.Id, row, null, "r"));
        Assert.Same(Obstacle, GuardedVerdict.Preview<HandoffStatus>("handoff", null, row.Id, row, Obstacle, "r"));
    }

    private static Verdict Of(RowGuard? guard, HandoffPreparation? seen, LeoException? obstacle = null, bool held = false, bool relooked = false) =>
        GuardedVerdict.Of<HandoffStatus>("handoff", guard, Row().Id, seen, obstacle, held, "authenticated", TimeSpan.FromSeconds(30), relooked);

    private static HandoffPreparation Row() => SampleHandoff.Full();

    private static LeoException Failed(Verdict verdict, LeoErrorId errorId)
    {
        Assert.Equal((VerdictKind.Failed, errorId), (verdict.Kind, verdict.Error?.ErrorId));
        return verdict.Error!;
    }
}
