using System.Globalization;
using System.Text.RegularExpressions;
using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Execution keys: generated ones, and those that are taken.</summary>
public sealed class StartKeyTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private static readonly RunStartRules UseExisting = ExecutionDatabase.Starting(KeyConflict.UseExisting);

    [PostgresFact]
    public async Task A_generated_key_is_the_flows_key_and_the_servers_time_in_at_most_a_hundred_characters()
    {
        // The server's own zone does not show, and no dash is left at the place where a long key is cut.
        await Database.RunAsync("do $$ begin execute format('alter database %I set timezone to %L', current_database(), 'Pacific/Kiritimati'); end $$");
        string[] flowKeys = ["weekly-board-meeting", new string('x', 100), new string('y', 66) + "-" + new string('z', 33), new string('ß', 100), "ünïcödé 🚀", "A"];
        await Task.WhenAll(flowKeys.Select(k => Database.AddFlowAsync(k)));
        await using Ports.ILeoDatabase there = await Database.OpenAsync(s => s);
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(flowKeys.Select(k => ExecutionDatabase.Run(k)), store: there.Executions);
        string[] begins = ["WEEKLY-BOARD-MEETING", new string('X', 67), new string('Y', 66), "", "ÜNÏCÖDÉ 🚀", "A"];
        foreach ((ChangeOutcome<FlowExecution> outcome, string flowPart) in outcomes.Zip(begins))
        {
            FlowExecution run = outcome.Row!;
            Assert.InRange(run.ExecutionKey.EnumerateRunes().Count(), 1, 100);
            Match match = Regex.Match(run.ExecutionKey, "^(?<flow>.*)-(?<time>[0-9]{8}T[0-9]{9}Z)-(?<id>[0-9A-F]{12})$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
            Assert.True(match.Success, run.ExecutionKey);
            Assert.True(flowPart.Length == 0 || match.Groups["flow"].Value == flowPart, run.ExecutionKey);
            Assert.Equal(run.StartedAt!.Value.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture), match.Groups["time"].Value);
            Assert.Equal(run.Id.ToString("N")[..12].ToUpperInvariant(), match.Groups["id"].Value);
        }
    }

    [PostgresFact]
    public async Task Generated_keys_differ_in_one_statement_and_across_calls_at_once()
    {
        IReadOnlyList<ChangeOutcome<FlowExecution>>[] calls = await Task.WhenAll(
            Task.Run(() => StartAsync(Enumerable.Range(0, 2500).Select(_ => ExecutionDatabase.Run()))),
            Task.Run(() => StartAsync(Enumerable.Range(0, 500).Select(_ => ExecutionDatabase.Run()))),
            Task.Run(() => StartAsync(Enumerable.Range(0, 500).Select(_ => ExecutionDatabase.Run()))),
            Task.Run(() => StartAsync(Enumerable.Range(0, 500).Select(_ => ExecutionDatabase.Run()))));
        AssertEach.Of(calls.SelectMany(c => c), o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        Assert.Equal(4000, calls.SelectMany(c => c).Select(o => o.Row!.ExecutionKey).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(4000, await Database.ScalarAsync<int>("select execution_count from crewai_flows"));
    }

    [PostgresFact]
    public async Task A_run_whose_generated_key_is_taken_gets_another()
    {
        RunStart start = ExecutionDatabase.Run();
        // Whatever would begin with this run's digits is somebody else's already.
        await Database.RunAsync($"""
            create function taken() returns trigger language plpgsql as $$ begin
              if new.execution_key like '%-{start.Id.ToString("N")[..12].ToUpperInvariant()}' then return null; end if; return new;
            end $$;
            create trigger taken before insert on crewai_flow_executions for each row execute function taken()
            """);
        ChangeOutcome<FlowExecution> outcome = Assert.Single(await StartAsync([start]));
        Assert.Equal((OutcomeKind.Changed, start.Source), (outcome.Kind, outcome.Source));
        Assert.NotEqual(start.Id, outcome.Row!.Id);
        Assert.Equal(1, await Database.ScalarAsync<int>("select execution_count from crewai_flows"));
    }

    [PostgresFact]
    public async Task Keys_of_a_hundred_characters_are_kept_to_the_letter()
    {
        string[] keys = [new string('k', 100), "a  b ", "ä\tö\n'\"\\%_$1", "KEY", "key", "{\"a\":1}", string.Concat(Enumerable.Repeat("🚀", 50))];
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(keys.Select(k => ExecutionDatabase.Run(executionKey: k)));
        Assert.Equal(keys, outcomes.Select(o => o.Row!.ExecutionKey));
        await AssertAsInTableAsync(outcomes);
        AssertEach.Of(await StartAsync(keys.Select(k => ExecutionDatabase.Run(executionKey: k))), o => Assert.Equal(LeoErrorId.DuplicateExecutionKey, o.Error?.ErrorId));
    }

    [PostgresFact]
    public async Task A_taken_key_starts_nothing_and_names_the_run_that_has_it()
    {
        Guid old = (await Database.InsertAsync(1, "failed", ("execution_key", "'TAKEN'")))[0];
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync([ExecutionDatabase.Run(), ExecutionDatabase.Run(executionKey: "TAKEN"), ExecutionDatabase.Run(executionKey: "FREE")]);
        LeoException error = SingleFailure(outcomes, LeoErrorId.DuplicateExecutionKey).Error!;
        AssertEach.Of(["TAKEN", old.ToString(), "Failed", "UseExisting"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.Equal("FREE", outcomes[2].Row!.ExecutionKey);
        Assert.Equal(3, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
        Assert.Equal(2, await Database.ScalarAsync<int>("select execution_count from crewai_flows"));
    }

    [PostgresFact]
    public async Task Of_two_with_one_key_in_a_batch_the_first_given_starts()
    {
        for (int round = 0; round < 8; round++)
        {
            RunStart[] starts = [.. Enumerable.Range(0, 6).Select(i => ExecutionDatabase.Run(executionKey: $"KEY-{round}-{i % 3}", values: new RunValues { InputState = $"{i}" }))];
            IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(starts);
            Assert.Equal(["0", "1", "2"], outcomes.Take(3).Select(o => o.Row?.RawInputState));
            AssertEach.Of(outcomes.Skip(3), o => Assert.Equal(LeoErrorId.DuplicateExecutionKey, o.Error?.ErrorId));
        }
    }

    [PostgresFact]
    public async Task UseExisting_gives_the_run_that_is_there_for_the_same_flow_and_input()
    {
        await Database.AddFlowAsync("other-flow");
        FlowExecution there = await StartOneAsync(ExecutionDatabase.Run(executionKey: "TAKEN", values: new RunValues { InputState = """{"a": [1.10, {"x": null}], "b": "🚀"}""" }));
        string before = await Database.FingerprintAsync();
        (RunStart Start, bool Same)[] cases =
        [
            (ExecutionDatabase.Run(executionKey: "TAKEN", values: new RunValues { InputState = """{"b":"\ud83d\ude80", "a":[1.1, {"x":null}]}""" }), true),
            (ExecutionDatabase.Run(null, "TAKEN", new RunValues { InputState = """{"a": [1.100, {"x": null}], "b": "🚀", "a": [1.1, {"x": null}]}""", ExecutionMode = ExecutionMode.Triggered }, ExecutionDatabase.FlowId), true),
            (ExecutionDatabase.Run(executionKey: "TAKEN", values: new RunValues { InputState = """{"a": [1.11, {"x": null}], "b": "🚀"}""" }), false),
            (ExecutionDatabase.Run(executionKey: "TAKEN", values: new RunValues { InputState = """{"a": [1.10, {}], "b": "🚀"}""" }), false),
            (ExecutionDatabase.Run(executionKey: "TAKEN"), false),
            (ExecutionDatabase.Run("other-flow", "TAKEN", new RunValues { InputState = """{"a": [1.10, {"x": null}], "b": "🚀"}""" }), false),
            (ExecutionDatabase.Run("no-flow", "TAKEN", new RunValues { InputState = """{"a": [1.10, {"x": null}], "b": "🚀"}""" }), false),
        ];
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(cases.Select(c => c.Start), UseExisting);
        foreach ((ChangeOutcome<FlowExecution> outcome, (RunStart start, bool same)) in outcomes.Zip(cases))
        {
            Assert.Equal(same ? (OutcomeKind.Unchanged, null) : (OutcomeKind.Failed, LeoErrorId.DuplicateExecutionKey), (outcome.Kind, outcome.Error?.ErrorId));
            Assert.Equal(start.Source, outcome.Source);
            if (same)
            {
                Assert.Equal((ExecutionJson.Line(there), false), (ExecutionJson.Line(outcome.Row!), outcome.Row!.IsNew));
            }
        }

        Assert.Contains("another input", outcomes[2].Error!.Message, StringComparison.Ordinal);
        Assert.Contains("not of other-flow", outcomes[5].Error!.Message, StringComparison.Ordinal);
        Assert.Equal(before, await Database.FingerprintAsync());
    }

    [PostgresFact]
    public async Task Without_input_UseExisting_tells_sql_null_from_json_null()
    {
        await StartAsync([ExecutionDatabase.Run(executionKey: "SQL"), ExecutionDatabase.Run(executionKey: "JSON", values: new RunValues { InputState = "null" })]);
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(
            [
                ExecutionDatabase.Run(executionKey: "SQL"), ExecutionDatabase.Run(executionKey: "JSON", values: new RunValues { InputState = "null" }),
                ExecutionDatabase.Run(executionKey: "JSON"), ExecutionDatabase.Run(executionKey: "SQL", values: new RunValues { InputState = "null" }),
            ],
            UseExisting);
        Assert.Equal([OutcomeKind.Unchanged, OutcomeKind.Unchanged, OutcomeKind.Failed, OutcomeKind.Failed], outcomes.Select(o => o.Kind));
    }

    [PostgresFact]
    public async Task UseExisting_gives_a_run_of_a_flow_that_was_archived_since()
    {
        FlowExecution there = await StartOneAsync(ExecutionDatabase.Run(executionKey: "TAKEN"));
        await Database.RunAsync("update crewai_flows set status = 'archived'");
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync([ExecutionDatabase.Run(executionKey: "TAKEN"), ExecutionDatabase.Run(executionKey: "FREE")], UseExisting);
        Assert.Equal((OutcomeKind.Unchanged, there.Id), (outcomes[0].Kind, outcomes[0].Row!.Id));
        Assert.Equal(LeoErrorId.FlowNotRunnable, outcomes[1].Error?.ErrorId);
    }

    [PostgresTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_key_that_another_transaction_is_taking_is_waited_for(bool commits)
    {
        // Through another flow, so that it is the key alone that is waited for.
        Guid other = await Database.AddFlowAsync("other-flow");
        await using NpgsqlConnection first = await Database.ConnectAsync();
        await using var command = new NpgsqlCommand(
            $"begin; insert into crewai_flow_executions (flow_id, execution_key, input_state) values ('{other}', 'KEY', '1'), ('{other}', 'KEY-2', '1')", first);
        await command.ExecuteNonQueryAsync();
        Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> second = Task.Run(() => StartAsync(
            [ExecutionDatabase.Run(), ExecutionDatabase.Run("other-flow", "KEY", new RunValues { InputState = "1" }), ExecutionDatabase.Run("other-flow", "KEY-2", new RunValues { InputState = "2" })], UseExisting));
        await Database.WaitUntilRunningAsync(1);
        command.CommandText = commits ? "commit" : "rollback";
        await command.ExecuteNonQueryAsync();
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await second;
        Assert.Equal(OutcomeKind.Changed, outcomes[0].Kind);
        Assert.Equal(
            commits ? [(OutcomeKind.Unchanged, false, null), (OutcomeKind.Failed, null, LeoErrorId.DuplicateExecutionKey)] : [(OutcomeKind.Changed, true, null), (OutcomeKind.Changed, (bool?)true, (LeoErrorId?)null)],
            outcomes.Skip(1).Select(o => (o.Kind, o.Row?.IsNew, o.Error?.ErrorId)));
        Assert.Equal(2, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where execution_key like 'KEY%'"));
    }

    [PostgresFact]
    public async Task Many_that_start_the_same_keys_at_once_make_each_of_them_once()
    {
        string[] flows = ["a-flow", "b-flow", "c-flow"];
        await Task.WhenAll(flows.Select(f => Database.AddFlowAsync(f)));
        IReadOnlyList<ChangeOutcome<FlowExecution>>[] calls = await Task.WhenAll(Enumerable.Range(0, 6).Select(caller => Task.Run(() =>
        {
            IEnumerable<int> order = Enumerable.Range(0, 300).OrderBy(i => i * (caller + 7) % 307);
            return StartAsync(order.Select(i => ExecutionDatabase.Run(flows[i % 3], $"KEY-{i}", new RunValues { InputState = $"{i}" })), UseExisting);
        })));
        AssertEach.Of(calls.SelectMany(c => c), o => Assert.NotEqual(OutcomeKind.Failed, o.Kind));
        Assert.Equal(300, calls.SelectMany(c => c).Count(o => o.Kind == OutcomeKind.Changed));
        Assert.Equal(300, calls.SelectMany(c => c).Select(o => o.Row!.Id).Distinct().Count());
        Assert.Equal([0, 100, 100, 100], await Database.ColumnAsync<int>("select execution_count from crewai_flows order by execution_count"));
    }
}
