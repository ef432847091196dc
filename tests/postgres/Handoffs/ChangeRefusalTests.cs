using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>Rows that the database refuses, and triggers that do more than we asked.</summary>
[Trait("Category", "Core")]
public sealed class ChangeRefusalTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    [PostgresTheory]
    [InlineData("raise exception 'not this one'", LeoErrorId.Forbidden, "P0001")]
    [InlineData("raise exception 'not this one' using errcode = '23514'", LeoErrorId.ValueOutOfRange, "23514")]
    [InlineData("raise exception 'not this one' using errcode = '22003'", LeoErrorId.ValueOutOfRange, "22003")]
    [InlineData("raise exception 'not this one' using errcode = '23503'", LeoErrorId.ReferenceNotFound, "23503")]
    [InlineData("raise exception 'not this one' using errcode = '42501'", LeoErrorId.Forbidden, "42501")]
    public async Task A_trigger_that_refuses_one_row_of_a_thousand_fails_that_one_alone(string refusal, LeoErrorId errorId, string sqlState)
    {
        List<Guid> ids = await Database.InsertAsync(1000);
        Guid bad = ids[637];
        await AddTriggerAsync($"if new.id = '{bad}' then {refusal}; end if; return new;");
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), ids.Select(HandoffDatabase.Of));
        ChangeOutcome<HandoffPreparation> failed = SingleFailure(outcomes, errorId);
        Assert.Equal((bad, sqlState), (failed.Source, failed.Error!.SqlState));
        Assert.Contains("not this one", failed.Error.Message, StringComparison.Ordinal);
        Assert.Equal(999, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations where handoff_status = 'sent'"));
    }

    [PostgresFact]
    public async Task A_check_that_one_row_breaks_fails_that_one_and_is_named()
    {
        List<Guid> ids = await Database.InsertAsync(100);
        await Database.RunAsync($"alter table exec_handoff_preparations add constraint not_that_one check (handoff_status <> 'sent' or id <> '{ids[99]}')");
        ChangeOutcome<HandoffPreparation> failed = SingleFailure(
            await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), ids.Select(HandoffDatabase.Of)), LeoErrorId.ValueOutOfRange);
        Assert.Equal((ids[99], "23514"), (failed.Source, failed.Error!.SqlState));
        Assert.Contains("not_that_one", failed.Error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Many_bad_rows_are_all_found()
    {
        List<Guid> ids = await Database.InsertAsync(200, "ready", ("demo_url", "n::text"));
        await AddTriggerAsync("if new.demo_url::int % 9 = 0 then raise exception 'no'; end if; return new;");
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), ids.Select(HandoffDatabase.Of));
        Assert.Equal(
            await Database.ColumnAsync<Guid>("select id from exec_handoff_preparations where demo_url::int % 9 = 0 order by id"),
            outcomes.Where(o => o.Kind == OutcomeKind.Failed).Select(o => (Guid)o.Source!));
        Assert.Equal(200 - 22, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations where handoff_status = 'sent'"));
    }

    [PostgresFact]
    public async Task A_row_that_a_trigger_leaves_out_is_not_a_success()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        await AddTriggerAsync($"if new.id = '{ids[1]}' then return null; end if; return new;");
        ChangeOutcome<HandoffPreparation> failed = SingleFailure(
            await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), (await Database.ReadAsync()).Select(HandoffDatabase.Of)), LeoErrorId.Forbidden);
        Assert.Equal(ids[1], ((HandoffPreparation)failed.Source!).Id);
    }

    [PostgresFact]
    public async Task What_a_trigger_changes_beside_shows_in_what_comes_out()
    {
        await Database.InsertAsync(5);
        await AddTriggerAsync("new.demo_url := 'set by the trigger'; new.quality_metrics := '{\"by\": \"trigger\"}'; new.sent_at := '2020-01-01Z'; return new;");
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent), (await Database.ReadAsync()).Select(HandoffDatabase.Of));
        AssertEach.Of(outcomes, o => Assert.Equal((OutcomeKind.Changed, "set by the trigger", 2020), (o.Kind, o.Row!.DemoUrl, o.Row.SentAt!.Value.Year)));
        Assert.Equal((await Database.ReadAsync()).Select(HandoffJson.Line), outcomes.Select(o => HandoffJson.Line(o.Row!)));
    }

    [PostgresFact]
    public async Task A_generated_column_shows_its_new_value()
    {
        await Database.RunAsync("alter table exec_handoff_preparations add column shout text generated always as (upper(handoff_status)) stored");
        await Database.InsertAsync(1);
        ChangeOutcome<HandoffPreparation> outcome = Assert.Single(await ChangeAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent), (await Database.ReadAsync()).Select(HandoffDatabase.Of)));
        Assert.Equal("""{"shout":"SENT"}""", outcome.Row!.RawAdditionalColumns);
    }

    [PostgresFact]
    public async Task A_row_that_was_changed_and_cannot_be_shown_whole_is_changed_and_says_so()
    {
        List<Guid> ids = await Database.InsertAsync(2);
        await Database.RunAsync($"update exec_handoff_preparations set created_at = 'infinity' where id = '{ids[0]}'");
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), ids.Select(HandoffDatabase.Of));
        AssertEach.Of(outcomes, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        Assert.Equal(LeoErrorId.UnreadableRow, outcomes[0].Error?.ErrorId);
        Assert.Null(outcomes[1].Error);
        Assert.Equal(2, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations where handoff_status = 'sent'"));
    }

    [PostgresFact]
    public async Task The_trigger_of_one_refused_row_ran_for_no_committed_row_twice()
    {
        List<Guid> ids = await Database.InsertAsync(64);
        await Database.RunAsync("create table seen (id uuid)");
        await AddTriggerAsync($"insert into seen values (new.id); if new.id = '{ids[20]}' then raise exception 'no'; end if; return new;");
        SingleFailure(await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), ids.Select(HandoffDatabase.Of)), LeoErrorId.Forbidden);
        Assert.Equal(ids.Where(i => i != ids[20]), await Database.ColumnAsync<Guid>("select id from seen order by id"));
    }

    private Task AddTriggerAsync(string body) => Database.RunAsync($"""
        create function meddle() returns trigger language plpgsql as $$ begin {body} end $$;
        create trigger meddle before update on exec_handoff_preparations for each row execute function meddle()
        """);
}
