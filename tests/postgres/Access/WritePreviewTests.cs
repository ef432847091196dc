using LeoPS.Access;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Access;

/// <summary>What a rehearsal learns from the catalog before it announces a write.</summary>
public sealed class WritePreviewTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    private static readonly PlannedWrite Sent = PlannedWrite.Of("handoff", TableCommand.Update, ("handoff_status", "sent"));

    [PostgresFact]
    public async Task What_the_catalog_allows_has_no_obstacle()
    {
        Assert.Null(await FindAsync(Sent));
        Assert.Null(await FindAsync(PlannedWrite.Of("handoff", TableCommand.Delete)));
        Assert.Null(await FindAsync(PlannedWrite.Of("strategic directive", TableCommand.Insert, ("status", "draft"))));
    }

    [PostgresFact]
    public async Task A_value_that_a_check_refuses_is_refused_with_the_check_and_nothing_is_written()
    {
        List<Guid> ids = await Database.InsertAsync(1);
        string before = await Database.FingerprintAsync();
        await Database.RunAsync("alter table exec_handoff_preparations add constraint never_sent check (handoff_status <> 'sent' or demo_url is not null), add constraint no_sent check (handoff_status <> 'sent')");
        LeoException error = (await FindAsync(Sent))!;
        Assert.Equal((LeoErrorId.ValueOutOfRange, "23514"), (error.ErrorId, error.SqlState));
        Assert.Contains("constraint no_sent of public.exec_handoff_preparations on (handoff_status): CHECK", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await Database.FingerprintAsync());
        // Another column of the check is not known: its value is the row's.
        await Database.RunAsync("alter table exec_handoff_preparations drop constraint no_sent");
        Assert.Null(await FindAsync(Sent));
        Assert.Single(ids);
    }

    [PostgresFact]
    public async Task Generated_columns_and_nulls_in_not_null_columns_are_refused_unless_a_trigger_may_fill_them()
    {
        await Database.RunAsync("alter table strategic_directives_v2 add column label text generated always as (title || '!') stored");
        Assert.Equal("428C9", (await FindAsync(PlannedWrite.Of("strategic directive", TableCommand.Insert, ("label", "x"))))?.SqlState);
        var untitled = PlannedWrite.Of("strategic directive", TableCommand.Insert, ("title", null));
        Assert.Equal("23502", (await FindAsync(untitled))?.SqlState);
        await Database.RunAsync("""
            create function fill() returns trigger language plpgsql as $$ begin new.title := coalesce(new.title, 'x'); return new; end $$;
            create trigger fill before insert on strategic_directives_v2 for each row execute function fill()
            """);
        Assert.Null(await FindAsync(untitled));
    }

    [PostgresFact]
    public async Task A_missing_right_a_read_only_connection_and_a_view_that_takes_nothing_are_refused()
    {
        await Database.RunAsync("revoke update on exec_handoff_preparations from authenticated; grant update (demo_url) on exec_handoff_preparations to authenticated; create policy edits on exec_handoff_preparations for update to authenticated using (true)");
        await using (ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated"))
        {
            Assert.Equal((LeoErrorId.Forbidden, "42501"), Ids(await FindAsync(Sent, member)));
            Assert.Null(await FindAsync(PlannedWrite.Of("handoff", TableCommand.Update, ("demo_url", "x")), member));
        }

        await using (ILeoDatabase reader = await Database.OpenAsync(s => s with { ReadOnly = true }))
        {
            Assert.Equal(LeoErrorId.ReadOnlyConnection, (await FindAsync(Sent, reader))?.ErrorId);
        }

        await Database.RunAsync("""
            alter table exec_handoff_preparations rename to stored_handoffs;
            create view exec_handoff_preparations as select distinct on (id) * from stored_handoffs
            """);
        Assert.Equal((LeoErrorId.DatabaseError, "55000"), Ids(await FindAsync(Sent)));
    }

    [PostgresFact]
    public async Task A_command_that_no_policy_is_for_is_refused_and_a_condition_is_left_to_the_server()
    {
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated");
        LeoException refused = (await FindAsync(Sent, member))!;
        Assert.Equal((LeoErrorId.Forbidden, "42501"), Ids(refused));
        Assert.Contains("no policy for UPDATE that applies to role authenticated", refused.Message, StringComparison.Ordinal);
        await Database.RunAsync("create policy own on exec_handoff_preparations for update to authenticated using (auth.uid() = session_id)");
        Assert.Null(await FindAsync(Sent, member));
        Assert.Equal(LeoErrorId.Forbidden, (await FindAsync(PlannedWrite.Of("handoff", TableCommand.Delete), member))?.ErrorId);
        // A new row that could not be read back is refused too.
        await Database.RunAsync("create policy makes on exec_handoff_preparations for insert to anon with check (true)");
        await using ILeoDatabase stranger = await Database.OpenAsMemberAsync("anon");
        Assert.Contains("no policy for SELECT", (await FindAsync(PlannedWrite.Of("handoff", TableCommand.Insert), stranger))?.Message, StringComparison.Ordinal);
    }

    private static (LeoErrorId?, string?) Ids(LeoException? error) => (error?.ErrorId, error?.SqlState);

    private Task<LeoException?> FindAsync(PlannedWrite write, ILeoDatabase? database = null) =>
        (database ?? Database.Database).FindObstacleAsync(write, HandoffDatabase.Context, CancellationToken.None);
}
