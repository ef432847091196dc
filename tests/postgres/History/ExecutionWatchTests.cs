using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.History;

/// <summary>What a watch of executions has beside that of handoffs, whose tests cover what both share.</summary>
public sealed class ExecutionWatchTests(PostgresServer server) : HistoryTest(server)
{
    private static readonly Guid _one = Guid.Parse("00000000-0000-0000-0000-000000000001");
    private static readonly Guid _two = Guid.Parse("00000000-0000-0000-0000-000000000002");
    private static readonly Guid _meeting = Guid.Parse("00000000-0000-0000-0000-00000000000b");

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await AddRunsAsync(Database);
    }

    [PostgresFact]
    public async Task A_run_comes_with_each_of_its_statuses_and_the_last_object_can_be_moved_on()
    {
        await using WatchRun<FlowExecution> run = await WatchRunsAsync();

        await Database.RunAsync($"begin; update crewai_flow_executions set status = 'running' where id = '{_one}'; update crewai_flow_executions set status = 'failed', error_message = 'x' where id = '{_one}'; commit");
        IReadOnlyList<FlowExecution> rows = await run.WaitAsync(2);
        Assert.Equal([ExecutionStatus.Running, ExecutionStatus.Failed], rows.Select(r => r.Status!.Value));
        Assert.Equal([0u, null], rows.Select(r => r.RowVersion == 0 ? r.RowVersion : null));
        Assert.Equal(("WEEKLY-1", "weekly", "x"), (rows[1].ExecutionKey, rows[1].FlowKey, rows[1].ErrorMessage));

        await Database.RunAsync($"update crewai_flow_executions set status = 'running' where id = '{_two}'");
        FlowExecution two = (await run.WaitAsync(3))[2];
        var end = ExecutionDatabase.MoveTo(ExecutionStatus.Completed);
        IReadOnlyList<ChangeOutcome<FlowExecution>> ended = await Database.Database.Executions.ChangeAsync(
            end, [ExecutionDatabase.Of(two), ExecutionDatabase.Of(rows[0])], Bulk.Each, Context, CancellationToken.None).OutcomesAsync();
        Assert.Equal([OutcomeKind.Changed, OutcomeKind.Failed], ended.Select(e => e.Kind));
        Assert.Equal(LeoErrorId.StatusConflict, ended[1].Error!.ErrorId);
        Assert.Equal(ExecutionStatus.Completed, (await run.WaitAsync(4))[3].Status);
    }

    [PostgresTheory]
    [InlineData("nothing", "")]
    [InlineData("flow key", "Running WEEKLY-1,Completed WEEKLY-1")]
    [InlineData("flow id", "Running WEEKLY-1,Completed WEEKLY-1")]
    [InlineData("id or flow id", "Running WEEKLY-1,Running DAILY-1,Completed WEEKLY-1,Completed DAILY-1")]
    [InlineData("execution key", "Running DAILY-1,Completed DAILY-1")]
    [InlineData("status", "Completed WEEKLY-1,Completed DAILY-1")]
    [InlineData("meeting", "Running DAILY-1,Completed DAILY-1")]
    [InlineData("all", "Completed DAILY-1")]
    public async Task Only_what_the_filters_name_comes(string filter, string expected)
    {
        ExecutionWatch watch = filter switch
        {
            "nothing" => new() { FlowKeys = ["nothing*"] },
            "flow key" => new() { FlowKeys = ["WEEK*"] },
            "flow id" => new() { FlowIds = [await Database.ScalarAsync<Guid>("select id from crewai_flows where flow_key = 'weekly'")] },
            "id or flow id" => new() { FlowIds = [await Database.ScalarAsync<Guid>("select id from crewai_flows where flow_key = 'weekly'")], Ids = [_two] },
            "execution key" => new() { ExecutionKeys = ["daily-?"] },
            "status" => new() { Statuses = [ExecutionStatus.Completed] },
            "meeting" => new() { BoardMeetingIds = [_meeting] },
            _ => new() { FlowKeys = ["daily"], ExecutionKeys = ["*-1"], Statuses = [ExecutionStatus.Completed], BoardMeetingIds = [_meeting], Ids = [_two] },
        };
        string[] wanted = expected.Split(',', StringSplitOptions.RemoveEmptyEntries);
        await using WatchRun<FlowExecution> run = await WatchRunsAsync(watch);

        await StartAsync(Database);
        await EndAsync(Database);

        Assert.Equal(wanted, (await run.WaitAsync(wanted.Length)).Select(r => $"{r.Status} {r.ExecutionKey}"));
    }

    [PostgresFact]
    public async Task Without_a_history_a_later_start_or_end_is_found_with_the_same_filters()
    {
        await using HandoffDatabase plain = await HandoffDatabase.CreateAsync(Database.Server);
        await AddRunsAsync(plain);
        Guid weekly = await plain.ScalarAsync<Guid>("select id from crewai_flows where flow_key = 'weekly'");
        await using WatchRun<FlowExecution> all = await WatchRunsAsync(database: plain.Database);
        await using WatchRun<FlowExecution> some = await WatchRunsAsync(
            new ExecutionWatch { Ids = [_two], FlowIds = [weekly], FlowKeys = ["dai*"], ExecutionKeys = ["daily-*"], BoardMeetingIds = [_meeting], Statuses = [ExecutionStatus.Running, ExecutionStatus.Completed] },
            plain.Database);

        await StartAsync(plain);
        await all.WaitAsync(2);
        await some.WaitAsync(1);
        await EndAsync(plain);

        Assert.Equal(["Running DAILY-1", "Completed DAILY-1"], (await some.WaitAsync(2)).Select(r => $"{r.Status} {r.ExecutionKey}"));
        Assert.Equal(["Completed DAILY-1", "Completed WEEKLY-1"], (await all.WaitAsync(4)).Skip(2).Select(r => $"{r.Status} {r.ExecutionKey}").Order());
    }

    [PostgresTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Across_ended_sessions_and_a_restart_each_change_comes_once(bool withHistory)
    {
        var own = new PostgresServer();
        await own.InitializeAsync();
        try
        {
            await using HandoffDatabase database = await HandoffDatabase.CreateAsync(own);
            await AddRunsAsync(database);
            if (withHistory)
            {
                await database.Database.Schema.InstallWithHistoryAsync(Context, CancellationToken.None);
            }

            await using WatchRun<FlowExecution> run = await WatchRunsAsync(database: database.Database);
            await StartAsync(database);
            await run.WaitAsync(2);
            await database.RunAsync(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'LeoPS/%' and pid <> pg_backend_pid()");
            await database.RunAsync($"update crewai_flow_executions set status = 'completed', completed_at = now() where id = '{_one}'");
            await run.WaitAsync(3);
            await own.RestartAsync();
            NpgsqlConnection.ClearAllPools();
            await database.RunAsync($"update crewai_flow_executions set status = 'failed', completed_at = now() where id = '{_two}'");

            Assert.Equal(
                ["Running WEEKLY-1", "Running DAILY-1", "Completed WEEKLY-1", "Failed DAILY-1"],
                (await run.WaitAsync(4)).Select(r => $"{r.Status} {r.ExecutionKey}"));
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    [PostgresFact]
    public async Task A_user_is_given_his_own_runs()
    {
        var user = Guid.NewGuid();
        await Database.RunAsync($"set session_replication_role = replica; update crewai_flow_executions set executed_by = '{user}' where id = '{_two}'");
        await using ILeoDatabase database = await Database.OpenAsMemberAsync("authenticated", user);
        await using WatchRun<FlowExecution> run = await WatchRunsAsync(database: database);

        await StartAsync(Database);

        FlowExecution row = Assert.Single(await run.WaitAsync(1));
        Assert.Equal((_two, ExecutionStatus.Running), (row.Id, row.Status));
    }

    private static Task AddRunsAsync(HandoffDatabase database) => database.RunAsync($$"""
        insert into crewai_flows (flow_key, flow_name, flow_definition, status) values ('weekly', 'Weekly', '{}', 'active'), ('daily', 'Daily', '{}', 'active');
        insert into crewai_flow_executions (id, flow_id, execution_key, status, board_meeting_id, started_at)
        select '{{_one}}'::uuid, id, 'WEEKLY-1', 'pending', null::uuid, now() - interval '1 hour' from crewai_flows where flow_key = 'weekly'
        union all
        select '{{_two}}'::uuid, id, 'DAILY-1', 'pending', '{{_meeting}}'::uuid, now() - interval '1 hour' from crewai_flows where flow_key = 'daily';
        """);

    private static async Task StartAsync(HandoffDatabase database)
    {
        foreach (Guid id in (Guid[])[_one, _two])
        {
            await database.RunAsync($"update crewai_flow_executions set status = 'running', started_at = now() where id = '{id}'");
        }
    }

    private static async Task EndAsync(HandoffDatabase database)
    {
        foreach (Guid id in (Guid[])[_one, _two])
        {
            await database.RunAsync($"update crewai_flow_executions set status = 'completed', completed_at = now() where id = '{id}'");
        }
    }
}
