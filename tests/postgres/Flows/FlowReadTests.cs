using LeoPS.Flows;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;

namespace LeoPS.PostgresTests.Flows;

/// <summary>Which flows a reading finds, and in which order.</summary>
[Trait("Category", "Core")]
public sealed class FlowReadTests(PostgresServer server) : FlowDatabaseTest(server)
{
    [PostgresFact]
    public async Task Ids_and_the_keys_that_count_like_them_find_a_flow_by_either()
    {
        Guid a = await AddAsync("a");
        await AddAsync("b");
        await AddAsync("c");
        Assert.Equal(["a"], await FindAsync(new FlowFilter { Ids = [a, Guid.NewGuid()] }));
        Assert.Equal(["a", "c"], await FindAsync(new FlowFilter { Ids = [a], OrKeys = ["c", "nobody", "A"] }));
        Assert.Equal(["b"], await FindAsync(new FlowFilter { OrKeys = ["b"] }));
        Assert.Empty(await FindAsync(new FlowFilter { Ids = [], OrKeys = [] }));
        Assert.Empty(await FindAsync(new FlowFilter { Ids = [] }));
    }

    [PostgresTheory]
    [InlineData("a*b", "a*b,AxB,a-b")]
    [InlineData("a`*b", "a*b")]
    [InlineData("A*", "a*b,AxB,a-b,a[1]")]
    [InlineData("a[x]b", "AxB")]
    [InlineData("a-b", "a-b")]
    [InlineData("A-B", "")]
    [InlineData("a`[1]", "a[1]")]
    [InlineData("*'*", "it's % _ \\ 🚀")]
    [InlineData("it's % _ \\ ?", "it's % _ \\ 🚀")]
    public async Task Keys_take_wildcards_of_PowerShell_in_any_case_and_plain_keys_as_they_are(string key, string found)
    {
        foreach (string name in (string[])["a*b", "AxB", "a-b", "a[1]", "it's % _ \\ 🚀"])
        {
            await AddAsync(name);
        }

        Assert.Equal(
            found.Split(',', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), (await FindAsync(new FlowFilter { FlowKeys = [key] })).Order(StringComparer.Ordinal));
    }

    [PostgresFact]
    public async Task A_key_that_counts_like_an_id_is_no_pattern()
    {
        await AddAsync("a*b");
        await AddAsync("a-b");
        Assert.Equal(["a*b"], await FindAsync(new FlowFilter { OrKeys = ["a*b"] }));
    }

    [PostgresFact]
    public async Task Statuses_tags_and_keys_combine()
    {
        await AddAsync("a", ("status", "'active'"), ("tags", "array['x', 'y']"));
        await AddAsync("b", ("status", "'draft'"), ("tags", "array['y', null]"));
        await AddAsync("c", ("status", "'archived'"), ("tags", "null"));
        await AddAsync("d", ("status", "'deprecated'"), ("tags", "'{}'"));
        await AddAsync("e", ("status", "null"));
        Assert.Equal(["a", "c"], await FindAsync(new FlowFilter { Statuses = [FlowStatus.Active, FlowStatus.Archived] }));
        Assert.Equal(["d"], await FindAsync(new FlowFilter { Statuses = [FlowStatus.Deprecated] }));
        Assert.Equal(["a", "b"], await FindAsync(new FlowFilter { Tags = ["y"] }));
        Assert.Equal(["a"], await FindAsync(new FlowFilter { Tags = ["x", "nobody"] }));
        Assert.Empty(await FindAsync(new FlowFilter { Tags = ["Y"] }));
        Assert.Equal(["b"], await FindAsync(new FlowFilter { Tags = ["y"], Statuses = [FlowStatus.Draft, FlowStatus.Archived], FlowKeys = ["*"] }));
        Assert.Empty(await FindAsync(new FlowFilter { Statuses = [] }));
    }

    [PostgresTheory]
    [InlineData(FlowOrder.Id, "id")]
    [InlineData(FlowOrder.FlowKey, "flow_key")]
    [InlineData(FlowOrder.LastExecutedAt, "last_executed_at")]
    [InlineData(FlowOrder.ExecutionCount, "execution_count")]
    [InlineData(FlowOrder.CreatedAt, "created_at")]
    [InlineData(FlowOrder.UpdatedAt, "updated_at")]
    public async Task Every_order_is_the_servers_nulls_last_ties_by_id_whole_in_pages_and_from_any_place(FlowOrder order, string column)
    {
        // Of nine flows three never ran; times and counts come two by two, and keys are upper and lower case and signs.
        await Database.RunAsync("""
            insert into crewai_flows (flow_key, flow_name, flow_definition, last_executed_at, execution_count, created_at, updated_at)
            select (array['b', 'B', 'a', 'A', 'a-b', 'a_b', 'ab', 'Ä', '1'])[n], 'n', '{}',
                   case when n % 3 > 0 then timestamptz '2026-01-01Z' + n / 2 * interval '1 day' end, case when n <> 5 then n / 2 end,
                   timestamptz '2026-01-01Z' - n / 2 * interval '1 day', case when n <> 4 then now() end
            from generate_series(1, 9) n
            """);
        foreach (bool descending in (bool[])[false, true])
        {
            string direction = descending ? " desc" : "";
            List<Guid> expected = await Database.ColumnAsync<Guid>($"select id from crewai_flows order by {column}{direction} nulls last, id{direction}");
            var query = new FlowQuery { OrderBy = order, Descending = descending };
            Assert.Equal(expected, await IdsAsync(query));
            Assert.Equal(expected, await IdsAsync(query with { PageSize = 2 }));
            Assert.Equal(expected.Skip(2).Take(3), await IdsAsync(query with { Skip = 2, First = 3 }));
            for (int i = 0; i < expected.Count; i++)
            {
                Flow last = await ReadFlowAsync(expected[i]);
                Assert.Equal(expected.Skip(i + 1), await IdsAsync(query with { ResumeAfter = ResumePoint.After(last, order) }));
                Assert.Equal(expected.Skip(i + 1), await IdsAsync(query with { ResumeAfter = ResumePoint.After(last.Id) }));
            }
        }
    }

    private async Task<List<string>> FindAsync(FlowFilter filter) => (await ReadFlowsAsync(filter)).ConvertAll(f => f.FlowKey);

    private async Task<List<Guid>> IdsAsync(FlowQuery query) => (await ReadItemsAsync(query)).ConvertAll(i => i.Row.Id);
}
