using FsCheck;
using FsCheck.Fluent;
using LeoPS.Executions;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;

namespace LeoPS.PostgresTests.Executions;

/// <summary>In which order, and in which pieces, runs come.</summary>
public sealed class ReadOrderTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private static readonly string[] Statuses = ["'pending'", "'running'", "'completed'", "'failed'", "'cancelled'", "'timeout'", "null"];

    [PostgresFact]
    public async Task An_order_is_by_the_column_then_by_id_with_nulls_last()
    {
        await InsertRandomAsync(seed: 7, rows: 60);
        (ExecutionOrder Order, string Column)[] columns =
        [
            (ExecutionOrder.Id, "id"), (ExecutionOrder.StartedAt, "started_at"), (ExecutionOrder.CompletedAt, "completed_at"), (ExecutionOrder.ExecutionKey, "execution_key"),
            (ExecutionOrder.DurationMs, "duration_ms"), (ExecutionOrder.TokenCount, "token_count"), (ExecutionOrder.CostUsd, "cost_usd"), (ExecutionOrder.Status, "status"),
        ];
        Assert.Equal(Enum.GetValues<ExecutionOrder>(), columns.Select(c => c.Order));
        foreach ((ExecutionOrder order, string column) in columns)
        {
            foreach (bool descending in new[] { false, true })
            {
                string direction = descending ? "desc" : "asc";
                Assert.Equal(
                    await Database.ColumnAsync<Guid>($"select id from crewai_flow_executions order by {column} {direction} nulls last, id {direction}"),
                    await IdsAsync(new ExecutionQuery { OrderBy = order, Descending = descending }));
            }
        }
    }

    [PostgresFact]
    public async Task First_and_Skip_cut_out_of_the_order()
    {
        List<Guid> ids = await Database.InsertAsync(10);
        Assert.Equal(ids[..3], await IdsAsync(new ExecutionQuery { First = 3 }));
        Assert.Equal(ids[4..6], await IdsAsync(new ExecutionQuery { Skip = 4, First = 2 }));
        Assert.Equal(ids[2..9], await IdsAsync(new ExecutionQuery { Skip = 2, First = 7, PageSize = 3 }));
        Assert.Empty(await IdsAsync(new ExecutionQuery { First = 0 }));
        Assert.Equal(Enumerable.Reverse(ids).Take(2), await IdsAsync(new ExecutionQuery { Descending = true, First = 2 }));
    }

    [PostgresFact]
    public void Pages_of_any_size_are_one_stream_and_any_row_can_be_resumed_from()
    {
        Gen<(int Seed, int Rows, int PageSize, ExecutionOrder Order, bool Descending)> cases =
            from seed in Gen.Choose(1, int.MaxValue)
            from rows in Gen.Choose(0, 40)
            from pageSize in Gen.Choose(1, 15)
            from order in Gen.Elements(Enum.GetValues<ExecutionOrder>())
            from falling in Gen.Elements(true, false)
            select (seed, rows, pageSize, order, falling);
        Prop.ForAll(cases.ToArbitrary(), c => CheckPagesAsync(c.Seed, c.Rows, c.PageSize, c.Order, c.Descending).GetAwaiter().GetResult())
            .Check(RandomCases.Check(50));
    }

    [PostgresFact]
    public async Task Resuming_by_an_id_that_is_gone_is_NotFound_where_the_order_needs_its_value()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        await Database.RunAsync($"delete from crewai_flow_executions where id = '{ids[1]}'");
        Assert.Equal([ids[2]], await IdsAsync(new ExecutionQuery { ResumeAfter = ResumePoint.After(ids[1]) }));
        LeoException error = await Assert.ThrowsAsync<LeoException>(
            () => IdsAsync(new ExecutionQuery { OrderBy = ExecutionOrder.CostUsd, ResumeAfter = ResumePoint.After(ids[1]) }));
        Assert.Equal(LeoErrorId.NotFound, error.ErrorId);
        Assert.Contains(ids[1].ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains("execution", error.Message, StringComparison.Ordinal);
    }

    [PostgresTheory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task Pages_go_on_behind_rows_whose_key_cannot_be_read(int pageSize, bool descending)
    {
        string[] times = ["'infinity'", "'infinity'", "'-infinity'", "'12000-01-01Z'", "'4000-01-01Z BC'", "null", "'2026-01-01Z'", "'0001-01-01 00:00:00Z'", "'9999-12-31 23:59:59.999999Z'"];
        string[] costs = ["'NaN'", "'NaN'", "0", "999999.9999", "0.0001", "null", "'NaN'", "-1.5", "0"];
        foreach ((string time, string cost) in times.Zip(costs))
        {
            await Database.InsertAsync(1, "running", ("started_at", time), ("cost_usd", cost));
        }

        foreach (ExecutionOrder order in new[] { ExecutionOrder.StartedAt, ExecutionOrder.CostUsd })
        {
            var query = new ExecutionQuery { OrderBy = order, Descending = descending };
            List<Guid> whole = (await Database.ReadItemsAsync(query)).ConvertAll(i => i.Row.Id);
            Assert.Equal(times.Length, whole.Count);
            // A place that is lost repeats rows for ever: the limit ends it.
            List<ReadItem<FlowExecution>> paged = await Database.ReadItemsAsync(query with { PageSize = pageSize, First = 100 });
            Assert.Equal(whole, paged.ConvertAll(i => i.Row.Id));
            Assert.Equal(6, paged.Count(i => i.Error is not null));
            foreach ((Guid id, int at) in whole.Select((id, at) => (id, at)))
            {
                List<ReadItem<FlowExecution>> rest = await Database.ReadItemsAsync(query with { ResumeAfter = ResumePoint.After(id) });
                Assert.Equal(whole[(at + 1)..], rest.ConvertAll(i => i.Row.Id));
            }
        }
    }

    private async Task CheckPagesAsync(int seed, int rows, int pageSize, ExecutionOrder order, bool descending)
    {
        await Database.RunAsync("truncate crewai_flow_executions");
        await InsertRandomAsync(seed, rows);
        var query = new ExecutionQuery { OrderBy = order, Descending = descending };
        List<FlowExecution> whole = await Database.ReadAsync(query);
        Assert.Equal(rows, whole.Count);
        List<Guid> ids = whole.ConvertAll(r => r.Id);
        Assert.Equal(ids, await IdsAsync(query with { PageSize = pageSize }));
        if (rows > 0)
        {
            int at = new Random(seed).Next(rows);
            Assert.Equal(ids[(at + 1)..], await IdsAsync(query with { ResumeAfter = ResumePoint.After(whole[at], order) }));
            Assert.Equal(ids[(at + 1)..], await IdsAsync(query with { ResumeAfter = ResumePoint.After(ids[at]), PageSize = pageSize }));
        }
    }

    /// <summary>Few different values, so that ties and nulls abound; keys alone are unique, and differ in case and punctuation.</summary>
    private async Task InsertRandomAsync(int seed, int rows)
    {
        var random = new Random(seed);
        string Time() => random.Next(5) is var n and > 0 ? $"'2026-01-0{n} 10:00:00.00000{n}Z'" : "null";
        string Number(params string[] values) => random.Next(values.Length + 1) is var n && n < values.Length ? values[n] : "null";
        string Key(int i) => $"'{"aA_-.b B"[random.Next(8)]}{"xX-"[random.Next(3)]}{i}'";
        IEnumerable<string> values = Enumerable.Range(0, rows).Select(i =>
            $"('{Guid.NewGuid()}', '{ExecutionDatabase.FlowId}', {Key(i)}, {Statuses[random.Next(7)]}, {Time()}, {Time()}, {Number("-1", "0", "2147483647")}, {Number("0", "7")}, {Number("0", "0.0001", "999999.9999", "-0.5")})");
        if (rows > 0)
        {
            await Database.RunAsync($"""
                set session_replication_role = replica;
                insert into crewai_flow_executions (id, flow_id, execution_key, status, started_at, completed_at, duration_ms, token_count, cost_usd)
                values {string.Join(',', values)}
                """);
        }
    }

    private async Task<List<Guid>> IdsAsync(ExecutionQuery query) => (await Database.ReadAsync(query)).ConvertAll(row => row.Id);
}
