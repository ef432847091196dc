using LeoPS.Access;
using LeoPS.Handoffs;
using LeoPS.Units.Handoffs;

namespace LeoPS.Units.Errors;

/// <summary>Each message names the row, says what happened to it, and what to do.</summary>
public sealed class LeoErrorsTests
{
    private const string Label = "0f8fad5b-d9cb-469f-a165-70867728950e (SD-UAT-001)";
    private static readonly Guid Id = new("0f8fad5b-d9cb-469f-a165-70867728950e");
    private static readonly DateTimeOffset At = new(2026, 1, 10, 3, 37, 46, TimeSpan.Zero);

    [Fact]
    public void InvalidIdentity() =>
        Is(LeoErrors.InvalidIdentity("handoff", "'abc'"), LeoErrorId.InvalidIdentity, "'abc'", "does not identify a handoff", "Give a handoff object, its id (a GUID)");

    [Fact]
    public void InvalidDirective() =>
        Is(LeoErrors.InvalidDirective("A FlowExecution"), LeoErrorId.InvalidIdentity, "A FlowExecution does not identify a strategic directive", "its id or its key");

    [Fact]
    public void LeftOut() =>
        Is(LeoErrors.LeftOut("strategic directive", "SD-1"), LeoErrorId.Forbidden, "took the strategic directive SD-1", "a trigger or a rule left it out");

    [Fact]
    public void Taken() =>
        Is(
            LeoErrors.Taken("strategic directive", "SD-1", "some_index", null, "anon"),
            LeoErrorId.ValueOutOfRange, "strategic directive SD-1 cannot be made", "some_index", "hidden from role anon");

    [Fact]
    public void Taken_by_a_known_constraint() =>
        Is(
            LeoErrors.Taken("session", "S", "c", new TableConstraint("public.t", "c", ["a", "b"], "UNIQUE (a, b) DEFERRABLE"), "anon"),
            LeoErrorId.ValueOutOfRange, "a row with the same a, b already", "constraint c of public.t on (a, b): UNIQUE (a, b) DEFERRABLE");

    [Fact]
    public void ReasonRequired() =>
        Is(LeoErrors.ReasonRequired("handoff", HandoffStatus.Rejected), LeoErrorId.ReasonRequired, "handoff", "Rejected without a reason", "Say why with -Reason");

    [Fact]
    public void NotFound() =>
        Is(LeoErrors.NotFound("handoff", Label, "anon"), LeoErrorId.NotFound, Label, "hidden from role anon by row level security", "Check the id and the database");

    [Fact]
    public void InvalidTransition_tells_from_to_and_which_are_allowed() => Is(
        LeoErrors.InvalidTransition(HandoffTransitions.Table, Label, HandoffStatus.Ready, HandoffStatus.Accepted),
        LeoErrorId.InvalidTransition,
        $"Handoff {Label} is Ready and was not moved to Accepted", "from Ready it can go to Preparing or Sent", "-Force");

    [Fact]
    public void InvalidTransition_tells_that_a_status_is_the_last() => Is(
        LeoErrors.InvalidTransition(HandoffTransitions.Table, Label, HandoffStatus.Accepted, HandoffStatus.Ready),
        LeoErrorId.InvalidTransition,
        $"Handoff {Label} is Accepted", "not moved to Ready", "Accepted is terminal");

    [Fact]
    public void StatusConflict_tells_what_it_was_and_what_it_is() => Is(
        LeoErrors.StatusConflict<HandoffStatus>("handoff", Label, "ready", HandoffStatus.Sent, At),
        LeoErrorId.StatusConflict,
        $"Handoff {Label} changed since it was read", "it was ready then", "it is Sent now, updated 2026-01-10 03:37:46Z", "left alone; read it again");

    [Fact]
    public void StatusConflict_tells_no_more_than_is_known()
    {
        LeoException error = LeoErrors.StatusConflict<HandoffStatus>("handoff", Label, null, HandoffStatus.Sent, null);

        Is(error, LeoErrorId.StatusConflict, Label, "it is Sent now", "read it again");
        Assert.DoesNotContain("then", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("updated", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void KeepsChanging() =>
        Is(LeoErrors.KeepsChanging("handoff", Label), LeoErrorId.StatusConflict, $"Handoff {Label}", "kept changing", "left alone; try again");

    [Fact]
    public void RepeatedId() =>
        Is(LeoErrors.RepeatedId("handoff", Id), LeoErrorId.StatusConflict, $"Handoff {Id}", "came earlier in the same pipe; the first one counts", "Send each id once");

    [Fact]
    public void Forbidden() =>
        Is(LeoErrors.Forbidden("handoff", Label, "authenticated"), LeoErrorId.Forbidden, Label, "authenticated can read", "but not change");

    [Fact]
    public void RowLocked() => Is(
        LeoErrors.RowLocked("handoff", Label, TimeSpan.FromMilliseconds(1500)),
        LeoErrorId.RowLocked,
        $"Handoff {Label}", "locked by another transaction", "not free within 1.5 s", "try again", "-LockTimeout");

    [Fact]
    public void UnreadableRow() => Is(
        LeoErrors.UnreadableRow("handoff", Id.ToString(), "sent_at", "is infinity, which no date is"),
        LeoErrorId.UnreadableRow,
        $"Handoff {Id}", "column sent_at is infinity", "correct the value with SQL");

    [Fact]
    public void BatchRolledBack() => Is(
        LeoErrors.BatchRolledBack("handoff", 12, 2), LeoErrorId.BatchRolledBack, "None of the 12 handoffs was changed", "2 could not be", "correct those or leave them out");

    [Fact]
    public void NotConnected_tells_how_to_connect() =>
        Is(LeoErrors.NotConnected(everConnected: false, [], null), LeoErrorId.NotConnected, "no connection", "Connect-LeoDatabase", "LEOPS_DATABASE_URL");

    [Fact]
    public void NotConnected_in_another_runspace_tells_how_to_hand_one_in() =>
        Is(LeoErrors.NotConnected(true, ["a", "b"], null), LeoErrorId.NotConnected, "This runspace", "$using:", "-Connection 'b'", "a, b");

    [Fact]
    public void NotConnected_after_the_default_was_closed_names_it_and_what_is_open()
    {
        Is(LeoErrors.NotConnected(true, [], "leo@h"), LeoErrorId.NotConnected, "leo@h, was closed", "Connect-LeoDatabase", "Start-LeoSandbox");
        Is(LeoErrors.NotConnected(true, ["other"], "leo@h"), LeoErrorId.NotConnected, "leo@h, was closed", "-Connection 'other'");
    }

    [Fact]
    public void Messages_do_not_follow_the_user_s_culture()
    {
        Assert.Contains("within 1.5 s", Elsewhere.Run(() => LeoErrors.RowLocked("handoff", Label, TimeSpan.FromMilliseconds(1500))).Message, StringComparison.Ordinal);
        Assert.Contains(
            "2026-01-10 03:37:46Z", Elsewhere.Run(() => LeoErrors.StatusConflict<HandoffStatus>("handoff", Label, null, HandoffStatus.Sent, At)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_carries_id_code_and_what_changed_beside_it()
    {
        var error = new LeoException(LeoErrorId.ValueOutOfRange, "too long", "22001") { ChangedIds = [Id] };

        Assert.Equal((LeoErrorId.ValueOutOfRange, "too long", "22001"), (error.ErrorId, error.Message, error.SqlState));
        Assert.Equal([Id], error.ChangedIds);
        Assert.Empty(new LeoException(LeoErrorId.NotFound, "none").ChangedIds);
        Assert.Null(new LeoException(LeoErrorId.NotFound, "none").SqlState);
    }

    private static void Is(LeoException error, LeoErrorId errorId, params string[] parts)
    {
        Assert.Equal(errorId, error.ErrorId);
        AssertEach.Of(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
        Assert.Null(error.InnerException);
    }
}
