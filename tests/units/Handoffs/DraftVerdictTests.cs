using LeoPS.Changes;
using LeoPS.Handoffs;

namespace LeoPS.Units.Handoffs;

public sealed class DraftVerdictTests
{
    private const string Sd = "SD-UAT-001";
    private static readonly Guid Session = new("7c9e6679-7425-40de-944b-e07fc1f90ae7");
    private static readonly Guid Other = new("0f8fad5b-d9cb-469f-a165-70867728950e");
    private static readonly DraftRules New = new(Restores: false, Force: false);
    private static readonly DraftRules Forced = new(Restores: false, Force: true);
    private static readonly DraftRules Restoring = new(Restores: true, Force: false);
    private static readonly DraftSight Found = new("id of it", "id of it", [Session], IsThere: false, Held: false);

    [Fact]
    public void Nothing_stands_in_the_way_of_what_is_found()
    {
        Assert.Equal(VerdictKind.LookAgain, Of(New, Draft(Sd, Session), Found).Kind);
        Assert.Equal(VerdictKind.LookAgain, Of(New, Draft(Sd, null), Found with { SessionSd = null }).Kind);
        Assert.Equal(VerdictKind.LookAgain, Of(New, Draft(null, Session), Found with { SdId = null }).Kind);
        Assert.Equal(VerdictKind.LookAgain, Of(Restoring, Draft(Sd, Session), Found).Kind);
    }

    [Fact]
    public void An_unknown_directive_is_named()
    {
        LeoException error = Failed(New, Draft(Sd, Session), Found with { SdId = null }, LeoErrorId.ReferenceNotFound);

        Assert.Contains($"id or key {Sd}", error.Message, StringComparison.Ordinal);
        Assert.Contains("hidden from role authenticated", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wildcard", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_is_told_to_be_none() =>
        Assert.Contains("wildcards mean several", Failed(New, Draft("SD-*", null), Found with { SdId = null, ActiveSessions = [] }, LeoErrorId.ReferenceNotFound).Message, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_session_is_named() =>
        Assert.Contains(Session.ToString(), Failed(New, Draft(Sd, Session), Found with { SessionSd = null }, LeoErrorId.ReferenceNotFound).Message, StringComparison.Ordinal);

    [Fact]
    public void A_directive_that_is_not_the_session_s_is_refused_unless_forced()
    {
        DraftSight sight = Found with { SessionSd = "another" };
        LeoException error = Failed(New, Draft(Sd, Session), sight, LeoErrorId.ValueOutOfRange);

        Assert.Contains($"Session {Session} belongs to strategic directive another, and the handoff names {Sd}", error.Message, StringComparison.Ordinal);
        Assert.Contains("-Force", error.Message, StringComparison.Ordinal);
        Assert.Equal(VerdictKind.LookAgain, Of(Forced, Draft(Sd, Session), sight).Kind);
        // What was so is put back so.
        Assert.Equal(VerdictKind.LookAgain, Of(Restoring, Draft(Sd, Session), sight).Kind);
    }

    [Fact]
    public void Without_a_session_the_directive_needs_exactly_one_active_one()
    {
        LeoException none = Failed(New, Draft(Sd, null), Found with { ActiveSessions = [] }, LeoErrorId.ReferenceNotFound);
        LeoException two = Failed(New, Draft(Sd, null), Found with { ActiveSessions = [Session, Other] }, LeoErrorId.ReferenceNotFound);
        LeoException many = Failed(New, Draft(Sd, null), Found with { ActiveSessions = [.. Enumerable.Repeat(Session, 9)] }, LeoErrorId.ReferenceNotFound);

        Assert.Contains($"{Sd} has no active session", none.Message, StringComparison.Ordinal);
        Assert.Contains("New-ImplementationSession", none.Message, StringComparison.Ordinal);
        Assert.Contains($"2 active sessions: {Session}, {Other}", two.Message, StringComparison.Ordinal);
        Assert.Contains("9 active sessions", many.Message, StringComparison.Ordinal);
        Assert.Contains("…", many.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_there_is_not_put_back_over_it()
    {
        HandoffDraft draft = Draft(Sd, Session);
        LeoException error = Failed(Restoring, draft, Found with { IsThere = true }, LeoErrorId.StatusConflict);

        Assert.Contains($"Handoff {draft.Id} is there already", error.Message, StringComparison.Ordinal);
        Assert.Contains("Remove-HandoffPreparation", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_put_back_needs_the_id_itself() =>
        Assert.DoesNotContain("key", Failed(Restoring, Draft(Sd, Session), Found with { SdId = null }, LeoErrorId.ReferenceNotFound).Message, StringComparison.Ordinal);

    [Fact]
    public void A_session_that_others_hold_is_locked()
    {
        LeoException error = Failed(New, Draft(Sd, Session), Found with { Held = true }, LeoErrorId.RowLocked);

        Assert.Contains($"Session {Session} is locked", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_draft_says_for_what_it_is_and_what_was_built()
    {
        Assert.Contains("-SdId", Refused(Draft(null, null)), StringComparison.Ordinal);
        Assert.Contains("implementation summary is empty", Refused(new HandoffDraft { Sd = Sd }), StringComparison.Ordinal);
        Assert.Contains("implementation summary is empty", Refused(Draft(Sd, null, " \n")), StringComparison.Ordinal);
        Assert.Equal(LeoErrorId.ReferenceNotFound, Assert.Throws<LeoException>(Draft("a\0b", null).Check).ErrorId);
        Assert.Contains("ImplementationSummary holds half", Refused(Draft(Sd, null, "\ud83d")), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_text_has_to_be_one_that_a_column_can_hold()
    {
        foreach (ContentColumn column in ContentColumn.All.Where(c => c.Kind != ContentKind.Json))
        {
            HandoffDraft draft = Draft(Sd, null);
            draft.Values[column] = column.Kind == ContentKind.Text ? "a\0" : new[] { "fine", null, "a\0" };
            Assert.StartsWith($"{column} holds a NUL", Refused(draft), StringComparison.Ordinal);
        }
    }

    private static Verdict Of(DraftRules rules, HandoffDraft draft, DraftSight sight) => DraftVerdict.Of(rules, draft, sight, "authenticated", TimeSpan.FromSeconds(30));

    private static LeoException Failed(DraftRules rules, HandoffDraft draft, DraftSight sight, LeoErrorId errorId)
    {
        Verdict verdict = Of(rules, draft, sight);
        Assert.Equal((VerdictKind.Failed, errorId), (verdict.Kind, verdict.Error?.ErrorId));
        return verdict.Error!;
    }

    private static string Refused(HandoffDraft draft)
    {
        LeoException error = Assert.Throws<LeoException>(draft.Check);
        Assert.Equal(LeoErrorId.ValueOutOfRange, error.ErrorId);
        return error.Message;
    }

    private static HandoffDraft Draft(string? sd, Guid? session, string summary = "done")
    {
        var draft = new HandoffDraft { Sd = sd, SessionId = session };
        draft.Values[ContentColumn.ImplementationSummary] = summary;
        return draft;
    }
}
