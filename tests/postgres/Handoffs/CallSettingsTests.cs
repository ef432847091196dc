using System.Text.RegularExpressions;
using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Handoffs;
using LeoPS.Postgres.Statements;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>What a statement carries to the server beside its values, and what it tells the verbose stream.</summary>
public sealed class CallSettingsTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    private const string Witness = """
        create table seen (application text, actor text, lock_wait text, statement_wait text);
        create function witness() returns trigger language plpgsql as $$ begin
          insert into seen values (current_setting('application_name'), current_setting('leops.actor', true), current_setting('lock_timeout'), current_setting('statement_timeout'));
          return new;
        end $$;
        create trigger witness before update on exec_handoff_preparations for each row execute function witness()
        """;

    [PostgresFact]
    public async Task The_server_sees_caller_actor_and_timeouts_during_the_statement_and_not_behind_it()
    {
        List<Guid> ids = await Database.InsertAsync(4);
        await Database.RunAsync(Witness);
        // One connection that is not reset when it is returned: whatever a statement left behind would be there.
        ConnectionSettings settings = Database.Settings with { PoolerMode = PoolerMode.Transaction };
        NpgsqlConnectionStringBuilder builder = ConnectionStringFactory.Create(settings);
        builder.MaxPoolSize = 1;
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(builder);
        string[] before = await ShowAsync(source);
        var store = new HandoffStore(new PooledScopes(ConnectionSource.Over(source), settings), "leops");
        var context = new CallContext("Set-HandoffStatus", TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(77), null);
        AssertEach.Of(await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(ids[0])], context, store), o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        Assert.Equal(before, await ShowAsync(source));
        Assert.True((await store.ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(ids[1])], new BulkOptions(10, IsAtomic: true), context, CancellationToken.None)).Committed);
        Assert.Equal(before, await ShowAsync(source));
        Assert.Equal(2, (await store.ChangeSelectionAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), new HandoffFilter { Statuses = [HandoffStatus.Ready] }, false, true, context, CancellationToken.None)).Changed);
        Assert.Equal(before, await ShowAsync(source));
        await foreach (var chunk in store.ReadAsync(new HandoffQuery(), context, CancellationToken.None))
        {
            Assert.NotEmpty(chunk);
        }

        Assert.Equal(before, await ShowAsync(source));
        // A statement that fails leaves nothing either.
        await Database.RunAsync("alter table exec_handoff_preparations drop column demo_url");
        await Assert.ThrowsAsync<LeoException>(() => ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Accepted), [HandoffDatabase.Of(ids[0])], context, store));
        Assert.Equal(before, await ShowAsync(source));

        List<string> seen = await Database.ColumnAsync<string>("select concat_ws('|', application, actor, lock_wait, statement_wait) from seen");
        string version = typeof(HandoffStore).Assembly.GetName().Version!.ToString(3);
        Assert.Equal(4, seen.Count);
        AssertEach.Of(seen, s => Assert.Equal($"LeoPS/{version} Set-HandoffStatus|{Environment.UserName}@{Environment.MachineName}|7s|77s", s));
        Assert.Equal(["", "0", "0"], before[1..]);
    }

    [PostgresFact]
    public async Task A_dba_sees_the_caller_in_pg_stat_activity()
    {
        List<Guid> ids = await Database.InsertAsync(1);
        string version = typeof(HandoffStore).Assembly.GetName().Version!.ToString(3);
        Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> change;
        await using (await Database.HoldAsync(ids[0]))
        {
            change = Task.Run(() => ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), ids.Select(HandoffDatabase.Of)));
            await Database.WaitUntilRunningAsync(1, $"wait_event_type = 'Lock' and application_name = 'LeoPS/{version} {HandoffDatabase.Context.Caller}'");
        }

        await change;
        await Database.WaitUntilRunningAsync(0, "true");
        Assert.Equal(0, await Database.ScalarAsync<long>($"select count(*) from pg_stat_activity where datname = current_database() and application_name like '%{HandoffDatabase.Context.Caller}'"));
    }

    [PostgresFact]
    public async Task Verbose_tells_shapes_rows_and_milliseconds_and_never_a_value_or_a_secret()
    {
        const string Secret = "geheimnis";
        var lines = new List<string>();
        CallContext context = new($"{Secret}-caller", TimeSpan.FromMilliseconds(200), null, line => { lock (lines) { lines.Add(line); } });
        List<Guid> ids = await Database.InsertAsync(20, "sent", ("demo_url", $"'{Secret}'"));
        await Database.RunAsync($"alter table exec_handoff_preparations add constraint {Secret} check (handoff_status <> 'rejected' or id <> '{ids[4]}')");
        StatusMove<HandoffStatus> move = HandoffDatabase.MoveTo(HandoffStatus.Rejected, reason: $"{Secret} reason");
        var filter = new HandoffFilter { Ids = ids, SdIds = [Secret, $"{Secret}*"], Statuses = [HandoffStatus.Sent] };
        await using (await Database.HoldAsync(ids[1]))
        {
            await ChangeAsync(move, [.. ids[..10].Select(HandoffDatabase.Of), HandoffDatabase.Of(Guid.NewGuid())], context);
            await Store.ChangeAsync(move, [.. ids.Select(HandoffDatabase.Of)], new BulkOptions(5, IsAtomic: true), context, CancellationToken.None);
            await Store.ChangeSelectionAsync(move, new HandoffFilter { Ids = ids[10..], Statuses = [HandoffStatus.Sent] }, false, true, context, CancellationToken.None);
            await Store.ChangeSelectionAsync(move, filter, false, false, context, CancellationToken.None);
            await Store.CountAsync(filter, context, CancellationToken.None);
            await Store.FindUnknownSdsAsync([Secret], context, CancellationToken.None);
            foreach (HandoffOrder order in Enum.GetValues<HandoffOrder>())
            {
                await foreach (var chunk in Store.ReadAsync(new HandoffQuery { OrderBy = order, PageSize = 3, ResumeAfter = ResumePoint.After(ids[0]) }, context, CancellationToken.None))
                {
                    Assert.NotEmpty(chunk);
                }
            }

            await Database.Database.TestAsync(context, CancellationToken.None);
        }

        Assert.InRange(lines.Count, 20, 500);
        Assert.Contains(lines, l => Regex.IsMatch(l, "^update .*: [0-9]+ rows, [0-9]+ ms$", RegexOptions.None, TimeSpan.FromSeconds(1)));
        string[] forbidden = [Secret, Database.Settings.Password!, HandoffDatabase.SdId, HandoffDatabase.SdKey, HandoffDatabase.SessionId.ToString(), "Summary"];
        AssertEach.Of(lines, line =>
        {
            AssertEach.Of(forbidden, f => Assert.DoesNotContain(f, line, StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotMatch(new Regex("[0-9a-f]{8}-[0-9a-f]{4}", RegexOptions.None, TimeSpan.FromSeconds(1)), line);
        });
    }

    private static async Task<string[]> ShowAsync(NpgsqlDataSource source)
    {
        await using NpgsqlCommand command = source.CreateCommand(
            "select array[current_setting('application_name'), coalesce(current_setting('leops.actor', true), ''), current_setting('lock_timeout'), current_setting('statement_timeout')]");
        return (string[])(await command.ExecuteScalarAsync())!;
    }
}
