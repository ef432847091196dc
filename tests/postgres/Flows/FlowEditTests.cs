using LeoPS.Changes;
using LeoPS.Flows;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Flows;

/// <summary>Editing flows: what is written, and that nobody's change is lost.</summary>
public sealed class FlowEditTests(PostgresServer server) : FlowDatabaseTest(server)
{
    private static readonly FlowValues Everything = new()
    {
        FlowName = "New name",
        Description = "New description",
        FlowDefinition = """{"new": true}""",
        Status = FlowStatus.Deprecated,
        Version = 8,
        Tags = ["x", null, "it's \"q\" \\"],
        Metadata = """{"m": 1.10}""",
        Given = (FlowFields)255 & ~FlowFields.CreatedBy,
    };

    [PostgresFact]
    public async Task All_columns_can_be_written_and_updated_at_is_the_servers_now()
    {
        Flow before = await ReadFlowAsync(await AddAsync("a", ("updated_at", "'2020-01-01Z'"), ("created_at", "'2020-01-01Z'")));
        Flow now = Changed(await EditAsync(Edit(before, Everything)));
        Flow read = await ReadFlowAsync(before.Id);
        AssertEach.Of([now, read], row =>
        {
            Assert.Equal(("a", "New name", "New description", FlowStatus.Deprecated, 8), (row.FlowKey, row.FlowName, row.Description, row.Status, row.Version));
            Assert.Equal(("""{"new": true}""", """{"m": 1.10}"""), (row.RawFlowDefinition, row.RawMetadata));
            Assert.Equal(Everything.Tags, row.Tags!);
        });
        Assert.Equal((read.RowVersion, read.ContentHash, read.UpdatedAt, before.CreatedAt), (now.RowVersion, now.ContentHash, now.UpdatedAt, now.CreatedAt));
        Assert.True(await Database.ScalarAsync<bool>("select updated_at between now() - interval '1 minute' and now() from crewai_flows"));
        // What came in is what it was, and what came out can go on.
        Assert.Equal("Name", before.FlowName);
        Assert.Equal("again", Changed(await EditAsync(Describe(now, "again"))).Description);
    }

    [PostgresFact]
    public async Task A_value_that_is_the_same_for_all_rows_is_sent_once()
    {
        await Database.RunAsync("insert into crewai_flows (flow_key, flow_name, flow_definition) select 'f' || n, 'Name', '{}' from generate_series(1, 100) n");
        List<Flow> flows = await ReadFlowsAsync();
        await using var proxy = new TcpProxy(Database.Settings);
        await using ILeoDatabase far = await Database.OpenAsync(proxy);
        long before = proxy.BytesSent;
        var values = new FlowValues { FlowDefinition = $$"""{"text": "{{new string('x', 100_000)}}"}""", Given = FlowFields.FlowDefinition };
        FlowEdit[] edits = [.. flows.Select(f => Edit(f, values))];
        IReadOnlyList<ChangeOutcome<Flow>> outcomes = await far.Flows.EditAsync(edits, Bulk.Each, Context, CancellationToken.None).OutcomesAsync();
        Assert.Equal((100, true), (outcomes.Count, outcomes.All(o => o.Kind == OutcomeKind.Changed)));
        Assert.InRange(proxy.BytesSent - before, 100_000, 130_000);
    }

    [PostgresTheory]
    [InlineData(FlowFields.FlowName, "flow_name")]
    [InlineData(FlowFields.Description, "description")]
    [InlineData(FlowFields.FlowDefinition, "flow_definition")]
    [InlineData(FlowFields.Status, "status")]
    [InlineData(FlowFields.Version, "version")]
    [InlineData(FlowFields.Tags, "tags")]
    [InlineData(FlowFields.Metadata, "metadata")]
    public async Task Only_what_is_given_is_written_and_a_null_is_NULL(FlowFields field, string column)
    {
        Guid id = await AddAsync("a", ("description", "'d'"), ("status", "'active'"), ("version", "3"), ("tags", "array['t']"), ("metadata", "'{}'"), ("created_by", "gen_random_uuid()"));
        string before = await OthersAsync(column);
        Changed(await EditAsync(Edit(id, Everything with { Given = field })));
        Assert.Equal(before, await OthersAsync(column));
        Assert.True(await Database.ScalarAsync<bool>($"select {column} is not null from crewai_flows"));
        if (field is not (FlowFields.FlowName or FlowFields.FlowDefinition))
        {
            Changed(await EditAsync(Edit(id, new FlowValues { Given = field })));
            Assert.Equal(before, await OthersAsync(column));
            Assert.True(await Database.ScalarAsync<bool>($"select {column} is null from crewai_flows"));
        }
    }

    [PostgresTheory]
    [InlineData("flow_name = 'theirs'")]
    [InlineData("description = 'theirs'")]
    [InlineData("metadata = 'null'")]
    [InlineData("tags = null")]
    [InlineData("created_by = gen_random_uuid()")]
    [InlineData("updated_at = '2020-01-01Z'")]
    [InlineData("owner = 'theirs'")]
    [InlineData("description = 'theirs', execution_count = 1")]
    public async Task A_flow_that_somebody_changed_is_an_EditConflict_and_their_change_stays(string set)
    {
        await Database.RunAsync("alter table crewai_flows add column owner text");
        Flow known = await ReadFlowAsync(await AddAsync("a"));
        await RunOnceAsync(known.Id);
        await Database.RunAsync($"update crewai_flows set {set}");
        string theirs = await Database.ScalarAsync<string>("select f::text from crewai_flows f");
        LeoException error = Failed(await EditAsync(Describe(known)), LeoErrorId.EditConflict);
        AssertEach.Of(["a", known.Id.ToString(), "read it again"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.Equal(theirs, await Database.ScalarAsync<string>("select f::text from crewai_flows f"));
    }

    [PostgresFact]
    public async Task Runs_that_started_meanwhile_are_no_conflict_and_stay_counted()
    {
        Flow known = await ReadFlowAsync(await AddAsync("a"));
        await RunOnceAsync(known.Id);
        await RunOnceAsync(known.Id);
        Flow now = Changed(await EditAsync(Describe(known)));
        Assert.Equal(("edited", 2), (now.Description, now.ExecutionCount));
        Assert.NotNull(now.LastExecutedAt);
        // The object from before the edit is an old one all the same.
        Failed(await EditAsync(Describe(known, "lost")), LeoErrorId.EditConflict);
    }

    [PostgresFact]
    public async Task A_row_version_alone_is_exact_and_a_hash_alone_is_enough()
    {
        Flow known = await ReadFlowAsync(await AddAsync("a"));
        FlowEdit byVersion = Describe(known) with { Known = new FlowVersion(known.RowVersion, null) };
        FlowEdit byHash = Describe(known) with { Known = new FlowVersion(null, known.ContentHash) };
        await RunOnceAsync(known.Id);
        Failed(await EditAsync(byVersion), LeoErrorId.EditConflict);
        Changed(await EditAsync(byHash));
        Failed(await EditAsync(byHash), LeoErrorId.EditConflict);
        Flow again = await ReadFlowAsync(known.Id);
        Changed(await EditAsync(Describe(again) with { Known = new FlowVersion(again.RowVersion, null) }));
    }

    [PostgresFact]
    public async Task A_bare_id_is_edited_whatever_happened_to_its_row()
    {
        Guid id = await AddAsync("a");
        await Database.RunAsync("update crewai_flows set flow_name = 'theirs'");
        Flow now = Changed(await EditAsync(Edit(id, new FlowValues { Version = 5, Given = FlowFields.Version })));
        Assert.Equal(("theirs", 5), (now.FlowName, now.Version));
    }

    [PostgresFact]
    public async Task An_edit_that_waits_for_another_one_does_not_overwrite_it()
    {
        Flow known = await ReadFlowAsync(await AddAsync("a"));
        await using NpgsqlConnection holder = await Database.ConnectAsync();
        await ExecuteAsync(holder, "begin; update crewai_flows set description = 'theirs'");
        Task<IReadOnlyList<ChangeOutcome<Flow>>> waiting = Task.Run(() => EditAsync(Describe(known)));
        await Database.WaitUntilRunningAsync(1);
        await ExecuteAsync(holder, "commit");
        Failed(await waiting, LeoErrorId.EditConflict);
        Assert.Equal("theirs", await Database.ScalarAsync<string>("select description from crewai_flows"));
    }

    [PostgresFact]
    public async Task An_edit_that_waits_for_a_run_to_start_goes_through()
    {
        Flow known = await ReadFlowAsync(await AddAsync("a"));
        await using NpgsqlConnection holder = await Database.ConnectAsync();
        await ExecuteAsync(holder, $"begin; insert into crewai_flow_executions (flow_id, execution_key) values ('{known.Id}', 'run')");
        Task<IReadOnlyList<ChangeOutcome<Flow>>> waiting = Task.Run(() => EditAsync(Describe(known)));
        await Database.WaitUntilRunningAsync(1);
        await ExecuteAsync(holder, "commit");
        Flow now = Changed(await waiting);
        Assert.Equal(("edited", 1), (now.Description, now.ExecutionCount));
    }

    [PostgresFact]
    public async Task What_stands_in_the_way_of_one_is_told_of_it_alone_in_input_order()
    {
        await Database.RunAsync("alter table crewai_flows add constraint no_nines check (version <> 9)");
        Flow[] rows = [.. await Task.WhenAll(Enumerable.Range(0, 6).Select(async i => await ReadFlowAsync(await AddAsync($"k{i}", ("description", $"'{i}'")))))];
        await Database.RunAsync("update crewai_flows set description = 'theirs' where flow_key = 'k1'; delete from crewai_flows where flow_key = 'k3'");
        await using NpgsqlConnection holder = await Database.ConnectAsync();
        await ExecuteAsync(holder, "begin; select from crewai_flows where flow_key = 'k4' for update");
        // Each has a value of its own; the database refuses that of the third.
        FlowEdit[] edits = [.. rows.Select((row, i) => Edit(row, new FlowValues { Version = i == 2 ? 9 : 10 + i, Metadata = $"{i}", Given = FlowFields.Version | FlowFields.Metadata }))];
        IReadOnlyList<ChangeOutcome<Flow>> outcomes = await Flows.EditAsync(edits, Bulk.Each, Waiting(TimeSpan.FromMilliseconds(200)), CancellationToken.None).OutcomesAsync();
        Assert.Equal("Changed, EditConflict, ValueOutOfRange, FlowNotFound, RowLocked, Changed", Ends(outcomes));
        Assert.Equal(rows, outcomes.Select(o => o.Source));
        Assert.Equal(("0", 10), (outcomes[0].Row!.RawMetadata, outcomes[0].Row!.Version));
        Assert.Equal(("5", 15), (outcomes[5].Row!.RawMetadata, outcomes[5].Row!.Version));
        Assert.Contains("no_nines", outcomes[2].Error!.Message, StringComparison.Ordinal);
        Assert.Contains("hidden from role", outcomes[3].Error!.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Atomically_all_are_edited_or_none()
    {
        Flow[] rows = [await ReadFlowAsync(await AddAsync("b")), await ReadFlowAsync(await AddAsync("a")), await ReadFlowAsync(await AddAsync("c"))];
        await Database.RunAsync("update crewai_flows set description = 'theirs' where flow_key = 'a'");
        BulkResult<Flow> refused = await Flows.EditAsync([.. rows.Select(r => Describe(r))], new BulkOptions(2, IsAtomic: true), Context, CancellationToken.None);
        Assert.False(refused.Committed);
        Assert.Equal((OutcomeKind.Failed, LeoErrorId.EditConflict), (refused.Outcomes[1].Kind, refused.Outcomes[1].Error!.ErrorId));
        Assert.Equal(0, await Database.ScalarAsync<long>("select count(*) from crewai_flows where description = 'edited'"));

        rows[1] = await ReadFlowAsync(rows[1].Id);
        BulkResult<Flow> done = await Flows.EditAsync([.. rows.Select(r => Describe(r))], new BulkOptions(2, IsAtomic: true), Context, CancellationToken.None);
        Assert.True(done.Committed);
        Assert.Equal(["b", "a", "c"], done.Outcomes.Select(o => o.Row!.FlowKey));
        Assert.Equal(1, await Database.ScalarAsync<long>("select count(distinct updated_at) from crewai_flows where description = 'edited'"));
    }

    [PostgresFact]
    public async Task What_a_trigger_of_somebody_else_makes_of_it_is_what_comes_out()
    {
        Flow known = await ReadFlowAsync(await AddAsync("a"));
        await Database.RunAsync("""
            create function bump() returns trigger language plpgsql as $$ begin new.version := new.version + 1; return new; end $$;
            create trigger bump before update on crewai_flows for each row execute function bump()
            """);
        Assert.Equal(2, Changed(await EditAsync(Describe(known))).Version);
    }

    [PostgresFact]
    public async Task A_value_that_cannot_be_shown_is_told_of_the_row_that_was_edited()
    {
        Guid id = await AddAsync("a", ("last_executed_at", "'infinity'"));
        ChangeOutcome<Flow> outcome = Assert.Single(await EditAsync(Edit(id, new FlowValues { Version = 5, Given = FlowFields.Version })));
        Assert.Equal((OutcomeKind.Changed, LeoErrorId.UnreadableRow, 5), (outcome.Kind, outcome.Error?.ErrorId, outcome.Row!.Version));
    }

    [PostgresFact]
    public async Task Behind_a_view_which_has_no_versions_the_hash_alone_guards()
    {
        Guid id = await AddAsync("a");
        await Database.RunAsync("alter table crewai_flows rename to all_flows; create view crewai_flows as select * from all_flows");
        Flow known = await ReadFlowAsync(id);
        Assert.Null(known.RowVersion);
        await Database.RunAsync("update all_flows set execution_count = 9");
        Flow now = Changed(await EditAsync(Describe(known)));
        Failed(await EditAsync(Describe(known, "lost")), LeoErrorId.EditConflict);
        Changed(await EditAsync(Describe(now, "again")));
        Assert.Equal("b", Changed(await CreateAsync(New("b"))).FlowKey);
    }

    [PostgresFact]
    public async Task Edits_and_starts_of_the_same_flows_in_opposite_order_all_end()
    {
        List<Guid> ids = [];
        for (int i = 0; i < 40; i++)
        {
            ids.Add(await AddAsync($"k{i:00}"));
        }

        Task[] starts = [.. Enumerable.Range(0, 3).Select(t => Task.Run(async () =>
        {
            foreach (Guid[] some in ids.OrderByDescending(id => id).Chunk(10))
            {
                await Database.RunAsync($"insert into crewai_flow_executions (flow_id, execution_key) select id, '{t}-' || id from unnest('{{{string.Join(',', some)}}}'::uuid[]) id");
            }
        }))];
        FlowEdit[] edits = [.. ids.Select(id => Edit(id, new FlowValues { Version = 2, Given = FlowFields.Version }))];
        IReadOnlyList<ChangeOutcome<Flow>>[] all = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => EditAsync(edits))));
        // The server may choose one of these inserts to end a deadlock. An edit that it chooses is sent again.
        foreach (Task start in starts)
        {
            Exception? failure = await Record.ExceptionAsync(() => start);
            Assert.True(failure is null or PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected }, failure?.ToString());
        }

        Assert.Equal(3 * ids.Count, all.Sum(o => o.Count));
        AssertEach.Of(all.SelectMany(o => o), o => Assert.Equal(OutcomeKind.Changed, o.Kind));
    }

    /// <summary>The row without a column and without what an edit stamps.</summary>
    private Task<string> OthersAsync(string column) => Database.ScalarAsync<string>($"select (to_jsonb(f) - '{column}' - 'updated_at')::text from crewai_flows f");

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
