using LeoPS.PostgresTests.Directives;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;
using LeoPS.Sessions;

namespace LeoPS.PostgresTests.Sessions;

public sealed class SessionReadTests(PostgresServer server) : DirectiveDatabaseTest(server)
{
    private static readonly SessionFilter _all = new();

    [PostgresFact]
    public async Task Every_column_is_read_with_the_names_of_its_directive()
    {
        await Database.RunAsync("update exec_implementation_sessions set status = 'failed', started_at = '2026-01-02 03:04:05.000006Z', completed_at = '2026-01-03Z', created_at = null");
        ImplementationSession row = Assert.Single(await ReadAsync(new SessionQuery()));
        Assert.Equal(
            (HandoffDatabase.SessionId, HandoffDatabase.SdId, HandoffDatabase.SdKey, "The base", SessionStatus.Failed, ImplementationType.GENERAL_FEATURE),
            (row.Id, row.SdId, row.SdKey, row.SdTitle, row.Status, row.ImplementationType));
        Assert.Equal(
            (DateTimeOffset.Parse("2026-01-02T03:04:05.000006Z"), DateTimeOffset.Parse("2026-01-03T00:00:00Z"), null),
            (row.StartedAt, row.CompletedAt, row.CreatedAt));
    }

    [PostgresFact]
    public async Task Filters_combine_and_an_SD_is_meant_by_id_key_or_pattern()
    {
        await AddAsync("A", "KEY-A");
        await AddAsync("B", "A");
        Guid a = await AddSessionAsync("A", "completed", "API_ENDPOINT");
        Guid b = await AddSessionAsync("B", "active", "API_ENDPOINT");
        Guid @base = HandoffDatabase.SessionId;
        foreach (Func<string[], SessionFilter> by in (Func<string[], SessionFilter>[])[names => _all with { SdIds = names }, names => _all with { SdNames = names }])
        {
            Assert.Equal([a], await FoundAsync(by(["A"])));
            Assert.Equal([a], await FoundAsync(by(["KEY-A"])));
            Assert.Equal([b], await FoundAsync(by(["B", "nobody"])));
            Assert.Equal(new[] { a, @base }.Order(), await FoundAsync(by(["A", HandoffDatabase.SdKey])));
            Assert.Empty(await FoundAsync(by([])));
        }

        Assert.Equal([a], await FoundAsync(_all with { SdIds = ["key-?"] }));
        // A pattern is no name, where names are literal.
        Assert.Empty(await FoundAsync(_all with { SdNames = ["KEY-?"] }));
        Assert.Equal(new[] { b, @base }.Order(), await FoundAsync(_all with { Statuses = [SessionStatus.Active] }));
        Assert.Equal([b], await FoundAsync(_all with { Statuses = [SessionStatus.Active], Types = [ImplementationType.API_ENDPOINT] }));
        Assert.Equal([a], await FoundAsync(_all with { Ids = [a, @base, Guid.NewGuid()], Types = [ImplementationType.API_ENDPOINT] }));
    }

    [PostgresTheory]
    [InlineData(SessionOrder.Id)]
    [InlineData(SessionOrder.StartedAt)]
    [InlineData(SessionOrder.CompletedAt)]
    [InlineData(SessionOrder.CreatedAt)]
    [InlineData(SessionOrder.UpdatedAt)]
    [InlineData(SessionOrder.SdId)]
    [InlineData(SessionOrder.Status)]
    [InlineData(SessionOrder.ImplementationType)]
    public async Task Pages_and_resuming_give_each_row_once_in_every_order(SessionOrder order)
    {
        await Database.RunAsync($"""
            insert into exec_implementation_sessions (sd_id, status, implementation_type, started_at, completed_at)
            select '{HandoffDatabase.SdId}', (array['paused', 'completed', 'failed'])[1 + n % 3], (array['UI_COMPONENT', 'API_ENDPOINT'])[1 + n % 2],
                   now() - make_interval(hours => n % 4), case when n % 2 = 0 then now() end
            from generate_series(1, 16) n
            """);
        foreach (bool descending in (bool[])[false, true])
        {
            var query = new SessionQuery { OrderBy = order, Descending = descending };
            List<Guid> whole = (await ReadAsync(query)).ConvertAll(r => r.Id);
            Assert.Equal(17, whole.Distinct().Count());
            Assert.Equal(whole, (await ReadAsync(query with { PageSize = 3 })).Select(r => r.Id));
            List<ImplementationSession> first = await ReadAsync(query with { First = 7 });
            Assert.Equal(whole[7..], (await ReadAsync(query with { ResumeAfter = ResumePoint.After(first[^1], order) })).Select(r => r.Id));
            Assert.Equal(whole[7..], (await ReadAsync(query with { ResumeAfter = ResumePoint.After(first[^1].Id) })).Select(r => r.Id));
        }
    }

    [PostgresFact]
    public async Task A_table_of_another_shape_is_read()
    {
        await Database.RunAsync("""
            alter table exec_implementation_sessions drop column created_at, drop column updated_at, drop column completed_at,
              drop constraint exec_implementation_sessions_status_check, alter column status drop not null, add column prd_id text default 'PRD-1';
            update exec_implementation_sessions set status = null
            """);
        ImplementationSession row = Assert.Single(await ReadAsync(new SessionQuery { OrderBy = SessionOrder.CompletedAt }));
        Assert.Equal((null, null, null, null), (row.Status, row.CreatedAt, row.UpdatedAt, row.CompletedAt));
        Assert.Equal("""{"prd_id":"PRD-1"}""", row.RawAdditionalColumns);
    }

    [PostgresFact]
    public async Task A_status_or_type_that_nobody_knows_fails_its_row_alone()
    {
        await Database.RunAsync("""
            alter table exec_implementation_sessions drop constraint exec_implementation_sessions_status_check, drop constraint exec_implementation_sessions_implementation_type_check;
            """);
        Guid odd = await AddSessionAsync(HandoffDatabase.SdId, "sleeping", "UI_COMPONENT");
        Guid other = await AddSessionAsync(HandoffDatabase.SdId, "paused", "ui_component");
        List<ReadItem<ImplementationSession>> items = await ItemsAsync(Database.Database, new SessionQuery());
        Assert.Equal(3, items.Count);
        Assert.Equal(
            new Dictionary<Guid, string> { [odd] = "status", [other] = "implementation_type" },
            items.Where(i => i.Error is not null).ToDictionary(i => i.Row.Id, i => i.Error!.Message.Split("column ")[1].Split(' ')[0]));
    }

    [PostgresFact]
    public async Task The_active_sessions_of_many_directives_come_in_one_statement_in_the_order_of_the_names()
    {
        await AddAsync("A", "KEY-A");
        await AddAsync("B", "A");
        await AddAsync("C", "KEY-C");
        await AddSessionAsync("A", "completed", "API_ENDPOINT");
        Guid b = await AddSessionAsync("B", "active", "API_ENDPOINT");
        var lines = new List<string>();
        IReadOnlyList<ActiveSessions> found = await Database.Database.Sessions.FindActiveAsync(
            ["KEY-C", "B", "nobody", "A", HandoffDatabase.SdKey, "B"], HandoffDatabase.Context with { Log = lines.Add }, CancellationToken.None);
        Assert.Equal(
            ["KEY-C=C:KEY-C:", $"B=B:A:{b}", "nobody=::", "A=A:KEY-A:", $"BASE-KEY=SD-BASE-001:BASE-KEY:{HandoffDatabase.SessionId}", $"B=B:A:{b}"],
            found.Select(f => $"{f.Name}={f.SdId}:{f.SdKey}:{string.Join(',', f.Sessions.Select(s => s.Id))}"));
        Assert.Equal("Title of A", found[1].SdTitle);
        Assert.Equal(("Title of A", SessionStatus.Active), (found[1].Sessions[0].SdTitle, found[1].Sessions[0].Status));
        Assert.Equal(2, lines.Count(l => !l.StartsWith("read", StringComparison.Ordinal)));
        Assert.Empty(await Database.Database.Sessions.FindActiveAsync([], HandoffDatabase.Context, CancellationToken.None));
    }

    [PostgresFact]
    public async Task Where_the_table_lets_a_directive_have_two_active_sessions_both_are_found_the_oldest_first()
    {
        await Database.RunAsync("drop index idx_exec_sessions_sd_active");
        Guid older = await AddSessionAsync(HandoffDatabase.SdId, "active", "UI_COMPONENT");
        await Database.RunAsync($"update exec_implementation_sessions set started_at = now() - interval '9 days' where id = '{older}'");
        Assert.Equal(
            [older, HandoffDatabase.SessionId],
            (await Database.Database.Sessions.FindActiveAsync([HandoffDatabase.SdId], HandoffDatabase.Context, CancellationToken.None))[0].Sessions.Select(s => s.Id));
    }

    private async Task<IEnumerable<Guid>> FoundAsync(SessionFilter filter) => (await ReadAsync(new SessionQuery { Filter = filter })).Select(r => r.Id).Order();

    private Task<Guid> AddSessionAsync(string sdId, string status, string type) => Database.ScalarAsync<Guid>(
        $"insert into exec_implementation_sessions (sd_id, status, implementation_type) values ('{sdId}', '{status}', '{type}') returning id");
}
