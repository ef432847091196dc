using FsCheck;
using FsCheck.Fluent;
using LeoPS.Handoffs;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>In which order, and in which pieces, rows come.</summary>
public sealed class ReadOrderTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    private static readonly string[] Statuses = ["preparing", "ready", "sent", "accepted", "rejected"];

    public static TheoryData<HandoffOrder, bool> Orders()
    {
        var orders = new TheoryData<HandoffOrder, bool>();
        foreach (HandoffOrder order in Enum.GetValues<HandoffOrder>())
        {
            orders.Add(order, false);
            orders.Add(order, true);
        }

        return orders;
    }

    [PostgresTheory]
    [MemberData(nameof(Orders))]
    public async Task An_order_is_by_the_column_then_by_id_with_nulls_last(HandoffOrder order, bool descending)
    {
        await InsertRandomAsync(seed: 7, rows: 60);
        string direction = descending ? "desc" : "asc";
        string column = order switch
        {
            HandoffOrder.Id => "id",
            HandoffOrder.SdId => "sd_id",
            HandoffOrder.Status => "handoff_status",
            HandoffOrder.PreparedAt => "prepared_at",
            HandoffOrder.SentAt => "sent_at",
            HandoffOrder.ResponseAt => "response_at",
            HandoffOrder.CreatedAt => "created_at",
            _ => "updated_at",
        };
        Assert.Equal(
            await Database.ColumnAsync<Guid>($"select id from exec_handoff_preparations order by {column} {direction} nulls last, id {direction}"),
            await IdsAsync(new HandoffQuery { OrderBy = order, Descending = descending }));
    }

    [PostgresFact]
    public async Task First_and_Skip_cut_out_of_the_order()
    {
        List<Guid> ids = await Database.InsertAsync(10);
        Assert.Equal(ids[..3], await IdsAsync(new HandoffQuery { First = 3 }));
        Assert.Equal(ids[4..6], await IdsAsync(new HandoffQuery { Skip = 4, First = 2 }));
        Assert.Equal(ids[8..], await IdsAsync(new HandoffQuery { Skip = 8, First = 5 }));
        Assert.Equal(ids[2..], await IdsAsync(new HandoffQuery { Skip = 2, PageSize = 3 }));
        Assert.Equal(ids[2..9], await IdsAsync(new HandoffQuery { Skip = 2, First = 7, PageSize = 3 }));
        Assert.Empty(await IdsAsync(new HandoffQuery { First = 0 }));
        Assert.Empty(await IdsAsync(new HandoffQuery { Skip = 10 }));
        Assert.Equal(Enumerable.Reverse(ids).Take(2), await IdsAsync(new HandoffQuery { Descending = true, First = 2 }));
    }

    [PostgresFact]
    public void Pages_of_any_size_are_one_stream_and_any_row_can_be_resumed_from()
    {
        Gen<(int Seed, int Rows, int PageSize, HandoffOrder Order, bool Descending)> cases =
            from seed in Gen.Choose(1, int.MaxValue)
            from rows in Gen.Choose(0, 40)
            from pageSize in Gen.Choose(1, 15)
            from order in Gen.Elements(Enum.GetValues<HandoffOrder>())
            from falling in Gen.Elements(true, false)
            select (seed, rows, pageSize, order, falling);
        Prop.ForAll(cases.ToArbitrary(), c => CheckPagesAsync(c.Seed, c.Rows, c.PageSize, c.Order, c.Descending).GetAwaiter().GetResult())
            .Check(RandomCases.Check(80));
    }

    [PostgresFact]
    public async Task Resuming_by_an_id_that_is_gone_is_NotFound_where_the_order_needs_its_value()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        await Database.RunAsync($"delete from exec_handoff_preparations where id = '{ids[1]}'");
        Assert.Equal([ids[2]], await IdsAsync(new HandoffQuery { ResumeAfter = ResumePoint.After(ids[1]) }));
        LeoException error = await Assert.ThrowsAsync<LeoException>(
            () => IdsAsync(new HandoffQuery { OrderBy = HandoffOrder.PreparedAt, ResumeAfter = ResumePoint.After(ids[1]) }));
        Assert.Equal(LeoErrorId.NotFound, error.ErrorId);
        Assert.Contains(ids[1].ToString(), error.Message, StringComparison.Ordinal);
    }

    [PostgresTheory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(1, true)]
    public async Task Pages_go_on_behind_rows_whose_key_cannot_be_read(int pageSize, bool descending)
    {
        string[] keys =
        [
            "'infinity'", "'infinity'", "'-infinity'", "'-infinity'", "'12000-01-01Z'", "'4000-01-01Z BC'", "null", "null",
            "'2026-01-01Z'", "'2026-01-01Z'", "'0001-01-01 00:00:00Z'", "'0001-01-01 00:00:00Z'", "'9999-12-31 23:59:59.999999Z'",
        ];
        foreach (string key in keys)
        {
            await Database.InsertAsync(1, "ready", ("prepared_at", key));
        }

        var query = new HandoffQuery { OrderBy = HandoffOrder.PreparedAt, Descending = descending };
        List<Guid> whole = (await Database.ReadItemsAsync(query)).ConvertAll(i => i.Row.Id);
        Assert.Equal(keys.Length, whole.Count);
        // A place that is lost repeats rows for ever: the limit ends it.
        List<ReadItem<HandoffPreparation>> paged = await Database.ReadItemsAsync(query with { PageSize = pageSize, First = 100 });
        Assert.Equal(whole, paged.ConvertAll(i => i.Row.Id));
        Assert.Equal(6, paged.Count(i => i.Error is not null));
        foreach ((Guid id, int at) in whole.Select((id, at) => (id, at)))
        {
            List<ReadItem<HandoffPreparation>> rest = await Database.ReadItemsAsync(query with { ResumeAfter = ResumePoint.After(id) });
            Assert.Equal(whole[(at + 1)..], rest.ConvertAll(i => i.Row.Id));
        }
    }

    private async Task CheckPagesAsync(int seed, int rows, int pageSize, HandoffOrder order, bool descending)
    {
        await Database.RunAsync("truncate exec_handoff_preparations");
        await InsertRandomAsync(seed, rows);
        var query = new HandoffQuery { OrderBy = order, Descending = descending };
        List<HandoffPreparation> whole = await Database.ReadAsync(query);
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

    /// <summary>Few different values, so that ties and nulls abound.</summary>
    private async Task InsertRandomAsync(int seed, int rows)
    {
        var random = new Random(seed);
        string Time() => random.Next(5) is var n and > 0 ? $"'2026-01-0{n} 10:00:00.00000{n}Z'" : "null";
        IEnumerable<string> values = Enumerable.Range(0, rows).Select(_ =>
            $"('{Guid.NewGuid()}', '{HandoffDatabase.SessionId}', 'SD-{(char)('a' + random.Next(3))}{(char)('A' + random.Next(3))}', '{Statuses[random.Next(5)]}', 'x', {Time()}, {Time()}, {Time()}, {Time()}, {Time()})");
        if (rows > 0)
        {
            await Database.RunAsync($"""
                set session_replication_role = replica;
                insert into exec_handoff_preparations (id, session_id, sd_id, handoff_status, implementation_summary, prepared_at, sent_at, response_at, created_at, updated_at)
                values {string.Join(',', values)}
                """);
        }
    }

    private async Task<List<Guid>> IdsAsync(HandoffQuery query) => (await Database.ReadAsync(query)).ConvertAll(row => row.Id);
}
