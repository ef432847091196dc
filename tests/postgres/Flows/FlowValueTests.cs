using LeoPS.Flows;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;

namespace LeoPS.PostgresTests.Flows;

/// <summary>Every column's values as they come out, and tables that are not quite the contract's.</summary>
public sealed class FlowValueTests(PostgresServer server) : FlowDatabaseTest(server)
{
    [PostgresFact]
    public async Task Every_column_comes_out()
    {
        Guid id = await AddAsync(
            "key",
            ("description", "'d'"),
            ("status", "'deprecated'"),
            ("version", "-2147483648"),
            ("created_by", "'5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c01'"),
            ("tags", """array['a', null, '', 'it''s "q" {,} \ NULL', 'null']"""),
            ("metadata", """'{"m": 1.10}'"""),
            ("execution_count", "2147483647"),
            ("last_executed_at", "'0001-01-01 00:00:00.000001Z'"),
            ("created_at", "'9999-12-31 23:59:59.999999Z'"),
            ("updated_at", "'2026-03-01 12:34:56.123457+05'"));
        Flow row = await ReadFlowAsync(id);
        Assert.Equal((id, "key", "Name", "d", FlowStatus.Deprecated, int.MinValue), (row.FlowId, row.FlowKey, row.FlowName, row.Description, row.Status, row.Version));
        Assert.Equal((Guid.Parse("5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c01"), int.MaxValue), (row.CreatedBy, row.ExecutionCount));
        Assert.Equal(["a", null, "", "it's \"q\" {,} \\ NULL", "null"], row.Tags!);
        Assert.Equal(("{}", """{"m": 1.10}"""), (row.RawFlowDefinition, row.RawMetadata));
        Assert.Equal(
            ["0001-01-01 00:00:00.000001 0", "9999-12-31 23:59:59.999999 0", "2026-03-01 07:34:56.123457 0"],
            new[] { row.LastExecutedAt, row.CreatedAt, row.UpdatedAt }.Select(t => $"{t:yyyy-MM-dd HH:mm:ss.ffffff} {t!.Value.Offset.TotalHours}"));
        Assert.Equal(await Database.ScalarAsync<string>("select xmin::text from crewai_flows"), row.RowVersion.ToString());
        Assert.Matches("^[0-9a-f]{64}$", row.ContentHash!);
        Assert.Equal("{}", row.AdditionalColumns.ToString());
    }

    [PostgresFact]
    public async Task Every_column_that_may_be_null_reads_as_null()
    {
        Flow row = await ReadFlowAsync(await AddAsync(
            "key", ("status", "null"), ("version", "null"), ("tags", "null"), ("metadata", "null"), ("execution_count", "null"), ("created_at", "null"), ("updated_at", "null")));
        AssertEach.Of<object?>(
            [row.Description, row.Status, row.Version, row.CreatedBy, row.Tags, row.Metadata, row.ExecutionCount, row.LastExecutedAt, row.CreatedAt, row.UpdatedAt], Assert.Null);
    }

    [PostgresTheory]
    [InlineData("last_executed_at", "'infinity'", "infinity")]
    [InlineData("created_at", "'-infinity'", "-infinity")]
    [InlineData("updated_at", "'10000-01-01Z'", "9999")]
    [InlineData("tags", "array[['a', 'b']]", "dimension")]
    public async Task An_unreadable_value_is_that_flows_error_and_the_others_come(string column, string value, string why)
    {
        await AddAsync("a");
        Guid bad = await AddAsync("b", (column, value));
        await AddAsync("c");
        List<ReadItem<Flow>> items = await ReadItemsAsync(new FlowQuery { OrderBy = FlowOrder.FlowKey, PageSize = 1 });
        Assert.Equal(["a", "b", "c"], items.Select(i => i.Row.FlowKey));
        LeoException error = Assert.Single(items, i => i.Error is not null).Error!;
        Assert.Equal(LeoErrorId.UnreadableRow, error.ErrorId);
        AssertEach.Of([$"Flow {bad}", column, why], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        // Its hash knows such values too, so that an edit of it is guarded like any other.
        Assert.Matches("^[0-9a-f]{64}$", items[1].Row.ContentHash!);
    }

    [PostgresFact]
    public async Task A_status_of_a_later_version_makes_the_flow_unreadable()
    {
        await Database.RunAsync("alter table crewai_flows drop constraint crewai_flows_status_check");
        await AddAsync("a", ("status", "'paused'"));
        LeoException error = Assert.Single(await ReadItemsAsync()).Error!;
        Assert.Equal(LeoErrorId.UnreadableRow, error.ErrorId);
        Assert.Contains("status is not one of Draft, Active, Archived, Deprecated", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Columns_we_do_not_know_come_along_whatever_their_names_are()
    {
        // One has the name that rows have in our statements.
        await Database.RunAsync("alter table crewai_flows add column f text default 'x', add column \"it's \"\"Mine\"\"\" numeric default 1.50, add column venture_id uuid");
        Flow row = await ReadFlowAsync(await AddAsync("a"));
        var map = Assert.IsType<JsonMap>(row.AdditionalColumns);
        Assert.Equal(("x", 1.50m, null), (map["f"], map["it's \"Mine\""], map["venture_id"]));
        Assert.Equal(row.RawAdditionalColumns, Changed(await EditAsync(Describe(row))).RawAdditionalColumns);
        Assert.Equal("x", Assert.IsType<JsonMap>(Changed(await CreateAsync(New("b"))).AdditionalColumns)["f"]);
    }

    [PostgresTheory]
    [InlineData("drop table crewai_flows cascade", "crewai_flows")]
    [InlineData("alter table crewai_flows drop column tags", "tags")]
    public async Task What_is_missing_is_named_by_reading_making_and_editing(string ddl, string missing)
    {
        Guid id = await AddAsync("a");
        await Database.RunAsync(ddl);
        LeoException[] errors =
        [
            await Assert.ThrowsAsync<LeoException>(() => ReadItemsAsync()),
            await Assert.ThrowsAsync<LeoException>(() => CreateAsync(New("b"))),
            await Assert.ThrowsAsync<LeoException>(() => EditAsync(Edit(id, new FlowValues { Description = "d", Given = FlowFields.Description }))),
        ];
        AssertEach.Of(errors, error =>
        {
            Assert.Equal(LeoErrorId.SchemaMissing, error.ErrorId);
            Assert.Contains(missing, error.Message, StringComparison.Ordinal);
            Assert.Contains("Install-LeoSchema", error.Message, StringComparison.Ordinal);
        });
    }

    [PostgresFact]
    public async Task The_hash_is_of_all_that_people_write_and_of_nothing_that_the_server_counts()
    {
        Guid id = await AddAsync("a");
        await Database.RunAsync("alter table crewai_flows add column owner text");
        Flow before = await ReadFlowAsync(id);
        await RunOnceAsync(id);
        Flow after = await ReadFlowAsync(id);
        Assert.Equal((1, before.ContentHash), (after.ExecutionCount, after.ContentHash));
        Assert.NotEqual(before.RowVersion, after.RowVersion);

        var hashes = new HashSet<string> { before.ContentHash! };
        foreach (string set in (string[])
        [
            "flow_key = 'b'", "flow_name = 'b'", "description = ''", "flow_definition = '[]'", "flow_definition = 'null'", "status = 'active'", "status = null", "version = 2",
            "created_by = gen_random_uuid()", "tags = null", "tags = array['a']", "metadata = 'null'", "metadata = '{}'", "created_at = null", "updated_at = 'infinity'", "owner = 'me'",
        ])
        {
            await Database.RunAsync($"update crewai_flows set {set}");
            Assert.True(hashes.Add((await ReadItemsAsync())[0].Row.ContentHash!), set);
        }
    }
}
