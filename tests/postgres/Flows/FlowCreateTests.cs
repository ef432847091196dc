using LeoPS.Changes;
using LeoPS.Flows;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Flows;

/// <summary>Making flows: values, defaults, keys that are taken, and bad ones among good ones.</summary>
public sealed class FlowCreateTests(PostgresServer server) : FlowDatabaseTest(server)
{
    private const string Nasty = "quotes ' \" `, % _ \\ \\n, tab\t, lines\r\n and \n, emoji 🚀👩‍👩‍👧, ü, $1, {a,\"b\"}, NULL, '; drop table x; --";

    [PostgresFact]
    public async Task What_is_given_is_what_stands_there()
    {
        var by = Guid.NewGuid();
        NewFlow flow = New(Nasty[..100], new FlowValues
        {
            FlowName = Nasty,
            Description = Nasty + new string('x', 1_000_000),
            FlowDefinition = """{"b": 1, "a": [1.10, 12345678901234567890.5, "\"🚀"]}""",
            Status = FlowStatus.Archived,
            Version = int.MinValue,
            Tags = [Nasty, null, "", "NULL", "{}", "\\", "\"", "a,b"],
            Metadata = "null",
            CreatedBy = by,
        });
        Flow made = Changed(await CreateAsync(flow));
        Flow read = await ReadFlowAsync(made.Id);
        AssertEach.Of([made, read], row =>
        {
            Assert.Equal((flow.Id, Nasty[..100], Nasty, flow.Values.Description), (row.Id, row.FlowKey, row.FlowName, row.Description));
            Assert.Equal((FlowStatus.Archived, int.MinValue, by, "null"), (row.Status, row.Version, row.CreatedBy, row.RawMetadata));
            Assert.Equal("""{"a": [1.10, 12345678901234567890.5, "\"🚀"], "b": 1}""", row.RawFlowDefinition);
            Assert.Equal(flow.Values.Tags, row.Tags!);
        });
        Assert.Equal((read.RowVersion, read.ContentHash, read.UpdatedAt), (made.RowVersion, made.ContentHash, made.UpdatedAt));
    }

    [PostgresFact]
    public async Task What_is_not_given_gets_the_tables_own_defaults()
    {
        await Database.RunAsync("alter table crewai_flows alter column version set default 7, alter column created_by set default '5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c01'");
        // Two sets of columns in one batch.
        IReadOnlyList<ChangeOutcome<Flow>> outcomes = await CreateAsync(New("a"), New("b", new FlowValues { Version = 2 }), New("c"));
        Assert.Equal("a 7, b 2, c 7", string.Join(", ", outcomes.Select(o => $"{o.Row!.FlowKey} {o.Row.Version}")));
        Flow row = outcomes[0].Row!;
        Assert.Equal((FlowStatus.Draft, "[]", 0, null), (row.Status, row.Tags!.ToString(), row.ExecutionCount, row.LastExecutedAt));
        Assert.Equal("5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c01", row.CreatedBy.ToString());
        AssertEach.Of<object?>([row.Description, row.RawMetadata], Assert.Null);
        Assert.True(await Database.ScalarAsync<bool>("select bool_and(created_at = updated_at and created_at between now() - interval '1 minute' and now()) from crewai_flows"));
    }

    [PostgresFact]
    public async Task A_taken_key_names_the_flow_that_has_it_and_the_others_are_made_in_order()
    {
        Guid old = await AddAsync("b", ("status", "'active'"));
        IReadOnlyList<ChangeOutcome<Flow>> outcomes = await CreateAsync(New("c"), New("b"), New("a"));
        Assert.Equal("Changed, ValueOutOfRange, Changed", Ends(outcomes));
        Assert.Equal(["c", "b", "a"], outcomes.Select(o => o.Row?.FlowKey ?? (string)o.Source!));
        AssertEach.Of(["flow key b is taken", old.ToString(), "'Name', Active", $"Set-Flow -FlowId {old}"], part => Assert.Contains(part, outcomes[1].Error!.Message, StringComparison.Ordinal));
        Assert.Equal(old, await Database.ScalarAsync<Guid>("select id from crewai_flows where flow_key = 'b'"));
    }

    [PostgresFact]
    public async Task Of_several_with_one_key_the_first_is_made_whatever_their_ids_and_columns_are()
    {
        for (int i = 0; i < 10; i++)
        {
            NewFlow[] flows = [New($"k{i}", new FlowValues { FlowName = "first", Version = 1 }), New($"k{i}", new FlowValues { FlowName = "second" }), New($"k{i}", new FlowValues { FlowName = "third", Version = 3 })];
            IReadOnlyList<ChangeOutcome<Flow>> outcomes = await CreateAsync(flows);
            Assert.Equal("Changed, ValueOutOfRange, ValueOutOfRange", Ends(outcomes));
            Assert.Equal("first", outcomes[0].Row!.FlowName);
            Assert.Contains(flows[0].Id.ToString(), outcomes[1].Error!.Message, StringComparison.Ordinal);
        }
    }

    [PostgresFact]
    public async Task Where_the_first_of_two_with_one_key_is_refused_the_second_is_made()
    {
        IReadOnlyList<ChangeOutcome<Flow>> outcomes = await CreateAsync(
            New("k", new FlowValues { Metadata = """{"n": 1e200000}""" }), New("k", new FlowValues { FlowName = "second" }), New("other"));
        Assert.Equal("ValueOutOfRange, Changed, Changed", Ends(outcomes));
        Assert.Equal("second", outcomes[1].Row!.FlowName);
    }

    [PostgresFact]
    public async Task One_that_the_database_refuses_stands_alone_whichever_columns_the_others_write()
    {
        await Database.RunAsync("alter table crewai_flows add constraint no_nines check (version <> 9)");
        NewFlow[] flows = [.. Enumerable.Range(0, 40).Select(i => (i % 4) switch
        {
            0 => New($"k{i:00}"),
            1 => New($"k{i:00}", new FlowValues { Version = i == 13 ? 9 : 1 }),
            2 => New($"k{i:00}", new FlowValues { Metadata = i == 22 ? """{"n": 1e200000}""" : "{}" }),
            _ => New($"k{i:00}", new FlowValues { Tags = ["t"], Version = 2 }),
        })];
        IReadOnlyList<ChangeOutcome<Flow>> outcomes = await CreateAsync(flows);
        Assert.Equal([13, 22], Enumerable.Range(0, 40).Where(i => outcomes[i].Kind != OutcomeKind.Changed));
        Assert.Contains("no_nines", outcomes[13].Error!.Message, StringComparison.Ordinal);
        Assert.Equal((LeoErrorId.ValueOutOfRange, LeoErrorId.ValueOutOfRange), (outcomes[13].Error!.ErrorId, outcomes[22].Error!.ErrorId));
        Assert.Equal(38, await Database.ScalarAsync<long>("select count(*) from crewai_flows"));
    }

    [PostgresFact]
    public async Task Another_unique_constraint_is_not_taken_for_the_key()
    {
        await Database.RunAsync("alter table crewai_flows add constraint one_name unique (flow_name)");
        await AddAsync("a");
        LeoException error = Failed(await CreateAsync(New("b")), LeoErrorId.ValueOutOfRange);
        Assert.Contains("one_name", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_key_that_somebody_is_just_taking_is_RowLocked_and_the_others_are_made()
    {
        await using NpgsqlConnection holder = await Database.ConnectAsync();
        await using (var command = new NpgsqlCommand("begin; insert into crewai_flows (flow_key, flow_name, flow_definition) values ('held', 'n', '{}')", holder))
        {
            await command.ExecuteNonQueryAsync();
        }

        IReadOnlyList<ChangeOutcome<Flow>> outcomes = await Flows.CreateAsync([New("a"), New("held"), New("b", new FlowValues { Version = 2 })], Bulk.Each, Waiting(TimeSpan.FromMilliseconds(200)), CancellationToken.None).OutcomesAsync();
        Assert.Equal("Changed, RowLocked, Changed", Ends(outcomes));
        Assert.Contains("held", outcomes[1].Error!.Message, StringComparison.Ordinal);

        BulkResult<Flow> atomic = await Flows.CreateAsync([New("c"), New("held"), New("d")], new BulkOptions(1000, IsAtomic: true), Waiting(TimeSpan.FromMilliseconds(200)), CancellationToken.None);
        Assert.False(atomic.Committed);
        Assert.Equal("Changed, RowLocked, Changed", Ends(atomic.Outcomes));
        Assert.Equal(["a", "b"], await Database.ColumnAsync<string>("select flow_key from crewai_flows order by 1"));
    }

    [PostgresFact]
    public async Task Atomically_all_are_made_or_none()
    {
        await AddAsync("taken");
        BulkResult<Flow> refused = await Flows.CreateAsync([New("b"), New("taken"), New("a"), New("b")], new BulkOptions(2, IsAtomic: true), Context, CancellationToken.None);
        Assert.False(refused.Committed);
        Assert.Equal([1, 3], Enumerable.Range(0, 4).Where(i => refused.Outcomes[i].Kind == OutcomeKind.Failed));
        Assert.Equal(1, await Database.ScalarAsync<long>("select count(*) from crewai_flows"));

        BulkResult<Flow> made = await Flows.CreateAsync([New("c"), New("b", new FlowValues { Version = 4 }), New("a")], new BulkOptions(2, IsAtomic: true), Context, CancellationToken.None);
        Assert.True(made.Committed);
        Assert.Equal(["c", "b", "a"], made.Outcomes.Select(o => o.Row!.FlowKey));
        Assert.Equal(1, await Database.ScalarAsync<long>("select count(distinct created_at) from crewai_flows where flow_key <> 'taken'"));
    }

    [PostgresFact]
    public async Task Two_who_make_the_same_flows_in_opposite_order_both_end_and_each_is_made_once()
    {
        NewFlow[] one = [.. Enumerable.Range(0, 500).Select(i => New($"k{i:000}"))];
        NewFlow[] two = [.. Enumerable.Range(0, 500).Reverse().Select(i => New($"k{i:000}", new FlowValues { Version = i % 2 == 0 ? 5 : null }))];
        IReadOnlyList<ChangeOutcome<Flow>>[] both = await Task.WhenAll(Task.Run(() => CreateAsync(one)), Task.Run(() => CreateAsync(two)));
        Assert.Equal(500, both.Sum(o => o.Count(x => x.Kind == OutcomeKind.Changed)));
        AssertEach.Of(both.SelectMany(o => o).Where(o => o.Kind == OutcomeKind.Failed), o => Assert.Contains("is taken by flow", o.Error!.Message, StringComparison.Ordinal));
    }
}
