using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Runs that the database refuses.</summary>
public sealed class StartRefusalTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private const string Nul = """{"a": "\u0000"}""";

    [PostgresFact]
    public async Task One_bad_row_of_five_thousand_fails_alone()
    {
        RunStart[] starts = [.. Enumerable.Range(0, 5000).Select(i => ExecutionDatabase.Run(values: new RunValues { InputState = i == 3217 ? Nul : $"{i}" }))];
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(starts);
        ChangeOutcome<FlowExecution> failed = SingleFailure(outcomes, LeoErrorId.InvalidJson);
        Assert.Equal((starts[3217].Source, "22P05"), (failed.Source, failed.Error!.SqlState));
        AssertEach.Of(Enumerable.Range(0, 5000).Where(i => i != 3217), i => Assert.Equal($"{i}", outcomes[i].Row!.RawInputState));
        Assert.Equal(4999, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
        Assert.Equal(4999, await Database.ScalarAsync<int>("select execution_count from crewai_flows"));
    }

    [PostgresFact]
    public async Task Every_kind_of_bad_row_is_told_by_its_own_error()
    {
        (RunValues Values, string? Key, LeoErrorId ErrorId)[] bad =
        [
            (new RunValues { InputState = Nul }, null, LeoErrorId.InvalidJson),
            (new RunValues { Metadata = Nul }, null, LeoErrorId.InvalidJson),
            (new RunValues { InputState = "not JSON" }, null, LeoErrorId.ValueOutOfRange),
            (new RunValues { InputState = "1e200000" }, null, LeoErrorId.ValueOutOfRange),
            (new RunValues { InputState = new string('[', 50_000) + new string(']', 50_000) }, null, LeoErrorId.DatabaseError),
            (new RunValues { InputState = "\"a\0b\"" }, null, LeoErrorId.ValueOutOfRange),
            (new RunValues { InputState = "\"half a \ud83d\"" }, null, LeoErrorId.ValueOutOfRange),
            (RunValues.None, new string('k', 101), LeoErrorId.ValueOutOfRange),
        ];
        IRowChange<Guid>[] batch =
        [
            .. bad.SelectMany(b => new[] { ExecutionDatabase.Run(), new RunStart { FlowKey = ExecutionDatabase.FlowKey, ExecutionKey = b.Key, Values = b.Values } }),
            ExecutionDatabase.Run(),
        ];
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(batch);
        Assert.Equal(bad.Select(b => (LeoErrorId?)b.ErrorId), outcomes.Where((_, i) => i % 2 == 1).Select(o => o.Error?.ErrorId));
        AssertEach.Of(outcomes.Where((_, i) => i % 2 == 0), o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        Assert.Equal(bad.Length + 1, await Database.ScalarAsync<int>("select execution_count from crewai_flows"));
    }

    [PostgresFact]
    public async Task A_bad_input_for_a_flow_that_is_not_there_spoils_no_other()
    {
        await Database.AddFlowAsync("archived", "archived");
        await Database.InsertAsync(1, "completed", ("execution_key", "'TAKEN'"));
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(
        [
            ExecutionDatabase.Run(), ExecutionDatabase.Run("no-flow", values: new RunValues { InputState = Nul }), ExecutionDatabase.Run(executionKey: "TAKEN"),
            ExecutionDatabase.Run("archived", values: new RunValues { InputState = "1e200000" }), ExecutionDatabase.Run("no-flow", "TAKEN", new RunValues { InputState = Nul }),
            ExecutionDatabase.Run("archived", "TAKEN", new RunValues { InputState = "1e200000" }), ExecutionDatabase.Run("no-flow"),
        ]);
        Assert.Equal(
            [
                null, LeoErrorId.FlowNotFound, LeoErrorId.DuplicateExecutionKey, LeoErrorId.FlowNotRunnable, LeoErrorId.InvalidJson, LeoErrorId.ValueOutOfRange,
                LeoErrorId.FlowNotFound,
            ],
            outcomes.Select(o => o.Error?.ErrorId));
    }

    [PostgresFact]
    public async Task A_trigger_that_refuses_one_run_fails_that_one_alone_and_ran_for_no_other_twice()
    {
        await Database.RunAsync("""
            create table seen (key text);
            create function meddle() returns trigger language plpgsql as $$ begin
              insert into seen values (new.execution_key);
              if new.execution_key = 'KEY-37' then raise exception 'not this one' using errcode = '23514'; end if;
              return new;
            end $$;
            create trigger meddle before insert on crewai_flow_executions for each row execute function meddle()
            """);
        LeoException error = SingleFailure(await StartAsync(Enumerable.Range(0, 64).Select(i => ExecutionDatabase.Run(executionKey: $"KEY-{i}"))), LeoErrorId.ValueOutOfRange).Error!;
        Assert.Contains("not this one", error.Message, StringComparison.Ordinal);
        Assert.Equal(63, await Database.ScalarAsync<long>("select count(*) from seen"));
        Assert.Equal(63, await Database.ScalarAsync<long>("select count(distinct key) from seen"));
    }

    [PostgresFact]
    public async Task A_run_that_a_trigger_leaves_out_is_never_a_success_and_does_not_hold_up_the_others()
    {
        await Database.RunAsync("""
            create function meddle() returns trigger language plpgsql as $$ begin
              if new.input_state = '0' then return null; end if; return new;
            end $$;
            create trigger meddle before insert on crewai_flow_executions for each row execute function meddle()
            """);
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(
        [
            ExecutionDatabase.Run(values: new RunValues { InputState = "0" }), ExecutionDatabase.Run(), ExecutionDatabase.Run(executionKey: "KEY", values: new RunValues { InputState = "0" }),
        ]);
        Assert.Equal([OutcomeKind.Failed, OutcomeKind.Changed, OutcomeKind.Failed], outcomes.Select(o => o.Kind));
        Assert.Equal(1, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
    }

    [PostgresFact]
    public async Task What_a_trigger_changes_beside_shows_in_what_comes_out()
    {
        await Database.RunAsync("""
            create function meddle() returns trigger language plpgsql as $$ begin
              new.metadata := '{"by": "trigger"}'; new.started_at := '2020-01-01Z'; return new;
            end $$;
            create trigger meddle before insert on crewai_flow_executions for each row execute function meddle()
            """);
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync([ExecutionDatabase.Run(values: new RunValues { Metadata = "1" })]);
        Assert.Equal((2020, """{"by": "trigger"}"""), (outcomes[0].Row!.StartedAt!.Value.Year, outcomes[0].Row!.RawMetadata));
        await AssertAsInTableAsync(outcomes);
    }
}
