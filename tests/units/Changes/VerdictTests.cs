using LeoPS.Changes;
using LeoPS.Handoffs;
using static LeoPS.HandoffStatus;

namespace LeoPS.Units.Changes;

public sealed class VerdictTests
{
    private static readonly Guid Id = new("11111111-2222-3333-4444-555555555555");
    private static readonly DateTimeOffset Then = new(2026, 1, 10, 3, 37, 46, TimeSpan.Zero);
    private static readonly RowGuard Version7 = new(7, "ready", Then);

    [Fact]
    public void A_row_that_is_not_visible_is_not_found_or_hidden()
    {
        LeoException error = Failed(Of(Version7, seen: null), LeoErrorId.NotFound);

        Assert.Contains(Id.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains("hidden from role authenticated", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_of_another_xmin_is_a_conflict_though_its_status_is_the_same()
    {
        LeoException error = Failed(Of(Version7, Row(Ready, 8, Then)), LeoErrorId.StatusConflict);

        Assert.Contains("SD-UAT-001", error.Message, StringComparison.Ordinal);
        Assert.Contains("ready", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_of_another_xmin_is_a_conflict_though_it_is_where_it_should_go() =>
        Failed(Of(Version7, Row(Sent, 8, Then)), LeoErrorId.StatusConflict);

    [Fact]
    public void A_row_that_changed_into_a_status_with_no_way_is_a_conflict_first() =>
        Failed(Of(Version7, Row(Accepted, 8, Then)), LeoErrorId.StatusConflict);

    [Fact]
    public void A_bare_id_that_is_there_already_stays() => Assert.Equal(new Verdict(VerdictKind.AlreadyThere, null), Of(null, Row(Sent, 8, Then)));

    [Fact]
    public void An_object_that_did_not_change_and_is_there_already_stays() =>
        Assert.Equal(VerdictKind.AlreadyThere, Of(new RowGuard(7, "sent", Then), Row(Sent, 7, Then)).Kind);

    [Theory]
    [InlineData(Preparing)]
    [InlineData(Accepted)]
    [InlineData(Rejected)]
    public void A_status_with_no_way_to_the_target_is_refused(HandoffStatus from)
    {
        LeoException bare = Failed(Of(null, Row(from, 7, Then)), LeoErrorId.InvalidTransition);
        LeoException guarded = Failed(
            Of(new RowGuard(7, from.ToString().ToLowerInvariant(), Then), Row(from, 7, Then)), LeoErrorId.InvalidTransition);

        Assert.Equal(bare.Message, guarded.Message);
        Assert.Contains(from.ToString(), bare.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(Sent), bare.Message, StringComparison.Ordinal);
        Assert.Contains("-Force", bare.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_force_the_same_row_may_not_be_changed() =>
        Failed(Of(new RowGuard(7, "accepted", Then), Row(Accepted, 7, Then), force: true), LeoErrorId.Forbidden);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_row_that_another_transaction_holds_is_locked(bool guarded)
    {
        LeoException error = Failed(Of(guarded ? Version7 : null, Row(Ready, 7, Then), held: true), LeoErrorId.RowLocked);

        Assert.Contains("30 s", error.Message, StringComparison.Ordinal);
        Assert.Contains("-LockTimeout", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Sent, VerdictKind.AlreadyThere)]
    [InlineData(Accepted, VerdictKind.Failed)]
    public void A_held_row_that_would_not_move_anyway_is_not_called_locked(HandoffStatus status, VerdictKind kind)
    {
        Verdict verdict = Of(null, Row(status, 7, Then), held: true);

        Assert.Equal(kind, verdict.Kind);
        Assert.NotEqual(LeoErrorId.RowLocked, verdict.Error?.ErrorId);
    }

    [Fact]
    public void The_very_same_row_that_could_move_is_forbidden()
    {
        LeoException error = Failed(Of(Version7, Row(Ready, 7, Then)), LeoErrorId.Forbidden);

        Assert.Contains("authenticated", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bare_id_that_could_move_gets_another_look() => Assert.Equal(new Verdict(VerdictKind.LookAgain, null), Of(null, Row(Ready, 7, Then)));

    [Fact]
    public void A_bare_id_that_moved_between_two_looks_gets_another() =>
        Assert.Equal(new Verdict(VerdictKind.LookAgain, null), Of(Version7, Row(Ready, 8, Then), relooked: true));

    [Fact]
    public void A_bare_id_that_stood_still_between_two_looks_is_forbidden() =>
        Failed(Of(Version7, Row(Ready, 7, Then), relooked: true), LeoErrorId.Forbidden);

    [Fact]
    public void A_bare_id_that_vanished_between_two_looks_is_not_found() => Failed(Of(Version7, null, relooked: true), LeoErrorId.NotFound);

    [Theory]
    [InlineData(7u, 7u, "sent", 5, true)]
    [InlineData(7u, 8u, "ready", 0, false)]
    [InlineData(null, 7u, "ready", 0, true)]
    [InlineData(null, 7u, "sent", 0, false)]
    [InlineData(null, 7u, "ready", 5, false)]
    [InlineData(7u, null, "ready", 0, true)]
    [InlineData(7u, null, "sent", 0, false)]
    [InlineData(null, null, null, 0, true)]
    [InlineData(null, null, null, 5, false)]
    public void The_guard_asks_for_xmin_and_where_one_is_missing_for_status_and_updated_at(
        uint? known, uint? now, string? status, int secondsLater, bool holds) =>
        Assert.Equal(holds, Verdict.Holds(new RowGuard(known, status, Then), Row(Ready, now, Then.AddSeconds(secondsLater))));

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public void An_updated_at_of_null_is_a_value_like_others(bool knownNull, bool nowNull, bool holds) =>
        Assert.Equal(holds, Verdict.Holds(new RowGuard(null, "ready", knownNull ? null : Then), Row(Ready, null, nowNull ? null : Then)));

    [Theory]
    [InlineData(0, 999, true)]
    [InlineData(0, 1000, false)]
    [InlineData(0, -1, false)]
    [InlineData(7, 8, false)]
    public void A_time_that_is_known_to_the_second_is_compared_to_the_second(int knownMilliseconds, int nowMilliseconds, bool holds) =>
        Assert.Equal(holds, Verdict.Holds(new RowGuard(null, "ready", Then.AddMilliseconds(knownMilliseconds)), Row(Ready, null, Then.AddMilliseconds(nowMilliseconds))));

    [Fact]
    public void The_same_moment_in_another_zone_is_the_same() =>
        Assert.True(Verdict.Holds(new RowGuard(null, "ready", Then.ToOffset(TimeSpan.FromHours(2))), Row(Ready, null, Then)));

    [Fact]
    public void A_row_that_would_move_has_no_verdict_beforehand()
    {
        Assert.Null(Preview(null, Row(Ready, 7, Then)));
        Assert.Null(Preview(Version7, Row(Ready, 7, Then)));
    }

    [Fact]
    public void What_would_not_move_is_said_beforehand()
    {
        Assert.Equal(LeoErrorId.NotFound, Preview(null, null)!.Value.Error!.ErrorId);
        Assert.Equal(LeoErrorId.NotFound, Preview(Version7, null)!.Value.Error!.ErrorId);
        Assert.Equal(LeoErrorId.StatusConflict, Preview(Version7, Row(Ready, 8, Then))!.Value.Error!.ErrorId);
        Assert.Equal(LeoErrorId.InvalidTransition, Preview(null, Row(Accepted, 8, Then))!.Value.Error!.ErrorId);
        Assert.Equal(new Verdict(VerdictKind.AlreadyThere, null), Preview(null, Row(Sent, 8, Then)));
    }

    private static LeoException Failed(Verdict verdict, LeoErrorId errorId)
    {
        Assert.Equal(VerdictKind.Failed, verdict.Kind);
        Assert.NotNull(verdict.Error);
        Assert.Equal(errorId, verdict.Error.ErrorId);
        return verdict.Error;
    }

    private static Verdict Of(RowGuard? guard, HandoffPreparation? seen, bool held = false, bool force = false, bool relooked = false) =>
        Verdict.Of(Move(force), guard, Id, seen, held, "authenticated", TimeSpan.FromSeconds(30), relooked);

    private static Verdict? Preview(RowGuard? guard, HandoffPreparation? seen) => Verdict.Preview(Move(false), guard, Id, seen, "authenticated");

    private static StatusMove<HandoffStatus> Move(bool force) => new(HandoffTransitions.Table, Sent, force, null);

    private static HandoffPreparation Row(HandoffStatus status, uint? version, DateTimeOffset? updatedAt) =>
        new() { Id = Id, SdId = "sd", SdKey = "SD-UAT-001", HandoffStatus = status, RowVersion = version, UpdatedAt = updatedAt };
}
