using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>What the database's own triggers and checks make of a completion.</summary>
public sealed class CompleteTriggerTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private static readonly RunValues Result = new() { OutputState = """{"a": 1.10}""", TokenCount = 7, CostUsd = 0.00005m };

    [PostgresFact]
    public async Task With_the_contracts_triggers_what_comes_out_narrow_is_what_is_there()
    {
        await Database.InsertAsync(50, "running", ("metadata", "to_jsonb(n)"), ("started_at", "now() - n * interval '1 minute'"));
        var lines = new List<string>();
        List<FlowExecution> rows = await Database.ReadAsync();
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(Complete, rows.Select((r, i) => ExecutionDatabase.Of(r, i % 2 == 0 ? Result : null)));
        AssertEach.Of(outcomes, o => Assert.Equal((OutcomeKind.Changed, ExecutionDatabase.FlowKey), (o.Kind, o.Row!.FlowKey)));
        await AssertAsInTableAsync(outcomes);
        // It was the narrow way: of a name that changed meanwhile, and of no version, it knows nothing.
        await Database.InsertAsync(1);
        FlowExecution row = (await Database.ReadAsync(new ExecutionQuery { Filter = new ExecutionFilter { Statuses = [ExecutionStatus.Running] } })).Single();
        await Database.RunAsync("update crewai_flows set flow_name = 'renamed'");
        Assert.Equal(ExecutionDatabase.FlowName, Assert.Single(await ChangeAsync(Complete, [ExecutionDatabase.Of(row)], ExecutionDatabase.Context with { Log = lines.Add })).Row!.FlowName);
        Assert.Equal(2, lines.Count);
    }

    [PostgresTheory]
    [InlineData("before")]
    [InlineData("after")]
    public async Task With_a_foreign_trigger_the_whole_row_comes_back(string when)
    {
        await Database.RunAsync($$"""
            create function meddle() returns trigger language plpgsql as $$ begin
              if tg_when = 'BEFORE' then new.metadata := '{"by": "trigger"}'; new.error_type := 'set'; new.started_at := '2020-01-01Z'; end if;
              return new;
            end $$;
            create trigger meddle {{when}} update on crewai_flow_executions for each row execute function meddle()
            """);
        await Database.InsertAsync(3);
        List<FlowExecution> rows = await Database.ReadAsync();
        await Database.RunAsync("update crewai_flows set flow_name = 'renamed'");
        if (when == "before")
        {
            // The start that the trigger sets would be too long ago for the contract's own.
            await Database.RunAsync("drop trigger execution_duration_calculator on crewai_flow_executions");
        }

        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(Complete, rows.Select(r => ExecutionDatabase.Of(r, Result)));
        AssertEach.Of(outcomes, o => Assert.Equal((OutcomeKind.Changed, "renamed", when == "before" ? "set" : null), (o.Kind, o.Row!.FlowName, o.Row.ErrorType)));
        await AssertAsInTableAsync(outcomes);
    }

    [PostgresTheory]
    [InlineData("alter table crewai_flow_executions add column shout text generated always as (upper(status)) stored")]
    [InlineData("create function meddle() returns trigger language plpgsql as $$ begin new.status := 'failed'; return new; end $$; create trigger meddle before update on crewai_flow_executions for each row execute function meddle()")]
    [InlineData("drop trigger execution_duration_calculator on crewai_flow_executions")]
    [InlineData("create or replace function calculate_execution_duration() returns trigger language plpgsql as $$ begin new.duration_ms := 42; return new; end $$")]
    public async Task Whatever_else_the_table_does_what_comes_out_is_what_is_there(string ddl)
    {
        await Database.RunAsync(ddl);
        List<Guid> ids = await Database.InsertAsync(4, "running", ("started_at", "now() - interval '3 s'"));
        List<FlowExecution> rows = await Database.ReadAsync();
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes =
        [
            .. await ChangeAsync(Complete, rows.Take(2).Select(r => ExecutionDatabase.Of(r, Result))), .. await ChangeAsync(Complete, ids.Skip(2).Select(i => ExecutionDatabase.Of(i, Result))),
        ];
        AssertEach.Of(outcomes, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        await AssertAsInTableAsync(outcomes);
        Assert.Equal(4, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where duration_ms = 42 or duration_ms between 3000 and 60000"));
    }

    [PostgresTheory]
    [InlineData("raise exception 'not this one'", LeoErrorId.Forbidden, "P0001")]
    [InlineData("raise exception 'not this one' using errcode = '22003'", LeoErrorId.ValueOutOfRange, "22003")]
    [InlineData("raise exception 'not this one' using errcode = '22008'", LeoErrorId.ValueOutOfRange, "22008")]
    [InlineData("return null", LeoErrorId.Forbidden, null)]
    public async Task A_trigger_that_refuses_one_row_fails_that_one_alone(string refusal, LeoErrorId errorId, string? sqlState)
    {
        List<Guid> ids = await Database.InsertAsync(300);
        await Database.RunAsync($"""
            create function meddle() returns trigger language plpgsql as $$ begin if new.id = '{ids[137]}' then {refusal}; end if; return new; end $$;
            create trigger meddle before update on crewai_flow_executions for each row execute function meddle()
            """);
        ChangeOutcome<FlowExecution> failed = SingleFailure(await ChangeAsync(Complete, (await Database.ReadAsync()).Select(r => ExecutionDatabase.Of(r, Result))), errorId);
        Assert.Equal((ids[137], sqlState), (((FlowExecution)failed.Source!).Id, failed.Error!.SqlState));
        Assert.Equal(299, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where status = 'completed'"));
    }

    [PostgresFact]
    public async Task One_value_that_no_column_holds_fails_its_row_alone()
    {
        List<Guid> ids = await Database.InsertAsync(9);
        RunValues[] values =
        [
            Result, new() { OutputState = """{"a": "\u0000"}""" }, Result, new() { CostUsd = 1_000_000m }, Result, new() { OutputState = "\"half \ud83d\"" }, Result,
            new() { Metadata = new string('[', 50_000) + new string(']', 50_000) }, Result,
        ];
        foreach (bool atomic in new[] { true, false })
        {
            ExecutionChange[] changes = [.. ids.Zip(values, (id, v) => ExecutionDatabase.Of(id, v))];
            IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = atomic ? (await ChangeAtomicallyAsync(Complete, changes, batchSize: 4)).Outcomes : await ChangeAsync(Complete, changes);
            Assert.Equal(
                [LeoErrorId.InvalidJson, LeoErrorId.ValueOutOfRange, LeoErrorId.ValueOutOfRange, LeoErrorId.DatabaseError], outcomes.Where((_, i) => i % 2 == 1).Select(o => o.Error!.ErrorId));
            AssertEach.Of(outcomes.Where((_, i) => i % 2 == 0), o => Assert.Equal(OutcomeKind.Changed, o.Kind));
            Assert.Equal(atomic ? 0 : 5, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where status = 'completed'"));
        }
    }

    [PostgresFact]
    public async Task A_row_that_was_completed_and_cannot_be_shown_whole_is_changed_and_says_so()
    {
        List<Guid> ids = await Database.InsertAsync(2, "running", ("cost_usd", "case when n = 1 then 'NaN'::numeric else 1 end"));
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(Complete, ids.Select(i => ExecutionDatabase.Of(i)));
        AssertEach.Of(outcomes, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        Assert.Contains("cost_usd", Assert.Single(outcomes, o => o.Error is not null).Error!.Message, StringComparison.Ordinal);
        Assert.Equal(2, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where status = 'completed'"));
    }
}
