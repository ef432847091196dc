using LeoPS.Handoffs;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>Which rows a reading finds.</summary>
public sealed class ReadFilterTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    private const string OtherSession = "99999999-0000-0000-0000-000000000001";

    [PostgresFact]
    public async Task Ids_find_what_is_there_and_say_nothing_of_the_rest()
    {
        List<Guid> ids = await Database.InsertAsync(5);
        Assert.Equal([ids[1], ids[3]], await FindAsync(new HandoffFilter { Ids = [ids[3], Guid.NewGuid(), ids[1], ids[1]] }));
        Assert.Empty(await FindAsync(new HandoffFilter { Ids = [] }));
    }

    [PostgresFact]
    public async Task The_directive_is_found_by_id_and_by_key_and_the_id_wins()
    {
        await AddDirectiveAsync("SD-A", "KEY-A");
        await AddDirectiveAsync("KEY-A2", "KEY-B");
        await AddDirectiveAsync("SD-C", "KEY-A2");
        Guid a = await AddHandoffAsync("SD-A");
        Guid byId = await AddHandoffAsync("KEY-A2");
        Guid byKey = await AddHandoffAsync("SD-C");
        Assert.Equal([a], await FindBySdAsync("SD-A"));
        Assert.Equal([a], await FindBySdAsync("KEY-A"));
        Assert.Equal([byId], await FindBySdAsync("KEY-A2"));
        Assert.Equal([byKey], await FindBySdAsync("SD-C"));
        Assert.Equal(new[] { a, byKey }.Order(), await FindBySdAsync("KEY-A", "SD-C"));
        Assert.Empty(await FindBySdAsync("SD"));
        Assert.Empty(await FindBySdAsync());
    }

    [PostgresFact]
    public async Task A_row_tells_the_key_and_title_of_its_directive()
    {
        HandoffPreparation row = await Database.ReadAsync((await Database.InsertAsync(1))[0]);
        Assert.Equal((HandoffDatabase.SdId, HandoffDatabase.SdKey, "The base"), (row.SdId, row.SdKey, row.SdTitle));
    }

    [PostgresTheory]
    [InlineData("*", "a.b|a%b|a_b|a\\b|a[1]|A*B|it's \"x\"|emoji 🚀 ü")]
    [InlineData("A.*", "a.b")]
    [InlineData("a%*", "a%b")]
    [InlineData("a_*", "a_b")]
    [InlineData("a\\*", "a\\b")]
    [InlineData("a`[*", "a[1]")]
    [InlineData("a`*?", "A*B")]
    [InlineData("a?b", "a.b|a%b|a_b|a\\b|A*B")]
    [InlineData("a[._]b", "a.b|a_b")]
    [InlineData("a[!b]b", "")]
    [InlineData("*'*\"*", "it's \"x\"")]
    [InlineData("EMOJI ? Ü", "emoji 🚀 ü")]
    [InlineData("*🚀*", "emoji 🚀 ü")]
    [InlineData("a`.b", "a.b")]
    [InlineData("a.b", "a.b")]
    [InlineData("A.B", "")]
    [InlineData("(a|b)*", "")]
    public async Task Wildcards_are_PowerShells_in_ids_and_in_keys(string pattern, string expected)
    {
        string[] names = ["a.b", "a%b", "a_b", "a\\b", "a[1]", "A*B", "it's \"x\"", "emoji 🚀 ü"];
        var byName = new Dictionary<Guid, string>();
        for (int i = 0; i < names.Length; i++)
        {
            // The name is the id of one directive and the key of the next.
            bool isId = i % 2 == 0;
            string id = isId ? names[i] : $"#{i}";
            await AddDirectiveAsync(id, isId ? $"#{i}" : names[i]);
            byName[await AddHandoffAsync(id)] = names[i];
        }

        IEnumerable<string> found = (await FindBySdAsync(pattern)).Where(byName.ContainsKey).Select(id => byName[id]);
        Assert.Equal(expected.Split('|', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [PostgresFact]
    public async Task An_invalid_pattern_is_refused()
    {
        LeoException error = await Assert.ThrowsAsync<LeoException>(() => FindBySdAsync("SD-[A"));
        Assert.Equal(LeoErrorId.InvalidIdentity, error.ErrorId);
    }

    [PostgresFact]
    public async Task Unknown_directives_are_named()
    {
        await Database.InsertAsync(1);
        await AddDirectiveAsync("SD-A", "KEY-A");
        Assert.Equal(
            ["nobody", "base-key"],
            await Store.FindUnknownSdsAsync(["nobody", HandoffDatabase.SdId, "KEY-A", "base-key", "SD-A"], HandoffDatabase.Context, CancellationToken.None));
    }

    [PostgresFact]
    public async Task Session_and_status_combine()
    {
        await Database.RunAsync($"insert into exec_implementation_sessions (id, sd_id, status, implementation_type) values ('{OtherSession}', '{HandoffDatabase.SdId}', 'completed', 'DATABASE_CHANGE')");
        List<Guid> mine = await Database.InsertAsync(2, "sent");
        List<Guid> ready = await Database.InsertAsync(2);
        await Database.RunAsync($"update exec_handoff_preparations set session_id = '{OtherSession}' where id in ('{mine[1]}', '{ready[1]}')");
        var other = Guid.Parse(OtherSession);
        Assert.Equal(new[] { mine[1], ready[1] }.Order(), await FindAsync(new HandoffFilter { SessionIds = [other] }));
        Assert.Equal([mine[1]], await FindAsync(new HandoffFilter { SessionIds = [other], Statuses = [HandoffStatus.Sent, HandoffStatus.Accepted] }));
        Assert.Equal(4, (await FindAsync(new HandoffFilter { SessionIds = [other, HandoffDatabase.SessionId, Guid.NewGuid()] })).Count);
        Assert.Empty(await FindAsync(new HandoffFilter { Statuses = [] }));
    }

    [PostgresTheory]
    [InlineData(HandoffStatus.Preparing)]
    [InlineData(HandoffStatus.Ready)]
    [InlineData(HandoffStatus.Sent)]
    [InlineData(HandoffStatus.Accepted)]
    [InlineData(HandoffStatus.Rejected)]
    public async Task Every_status_is_found_and_counted(HandoffStatus status)
    {
        var expected = new List<Guid>();
        foreach (HandoffStatus each in Enum.GetValues<HandoffStatus>())
        {
            List<Guid> ids = await Database.InsertAsync(1 + (int)each, each.ToString().ToLowerInvariant());
            expected = each == status ? ids : expected;
        }

        var filter = new HandoffFilter { Statuses = [status] };
        Assert.Equal(expected, await FindAsync(filter));
        Assert.Equal(expected.Count, await Store.CountAsync(filter, HandoffDatabase.Context, CancellationToken.None));
    }

    [PostgresFact]
    public async Task After_is_at_or_after_and_Before_is_before_to_the_microsecond()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        string[] times = ["2026-03-01 12:00:00.000001Z", "2026-03-01 12:00:00.000002Z"];
        await Database.RunAsync($"""
            update exec_handoff_preparations set prepared_at = null where id = '{ids[2]}';
            update exec_handoff_preparations set prepared_at = '{times[0]}' where id = '{ids[0]}';
            update exec_handoff_preparations set prepared_at = '{times[1]}' where id = '{ids[1]}';
            """);
        // An offset is honoured.
        DateTimeOffset first = DateTimeOffset.Parse(times[0]).ToOffset(TimeSpan.FromHours(-7));
        DateTimeOffset second = DateTimeOffset.Parse(times[1]);
        Assert.Equal(ids[..2], await FindAsync(new HandoffFilter { After = first }));
        Assert.Equal([ids[1]], await FindAsync(new HandoffFilter { After = second }));
        Assert.Equal([ids[0]], await FindAsync(new HandoffFilter { Before = second }));
        Assert.Equal([ids[0]], await FindAsync(new HandoffFilter { After = first, Before = second }));
        Assert.Empty(await FindAsync(new HandoffFilter { Before = first }));
    }

    [PostgresTheory]
    [InlineData("preparing", "prepared_at")]
    [InlineData("sent", "sent_at")]
    [InlineData("rejected", "response_at")]
    [InlineData("ready", "updated_at")]
    public async Task Stuck_looks_at_the_stamp_of_the_status_and_at_no_other(string status, string stamp)
    {
        string[] stamps = ["prepared_at", "sent_at", "response_at", "created_at", "updated_at"];
        (string, string)[] Ages(string own, string others) => [.. stamps.Select(s => (s, s == stamp ? own : others))];
        List<Guid> stuck = await Database.InsertAsync(2, status, Ages("now() - interval '49 hours'", "now()"));
        await Database.InsertAsync(2, status, Ages("now() - interval '47 hours'", "now() - interval '900 hours'"));
        await Database.InsertAsync(2, "accepted", Ages("now() - interval '900 hours'", "now() - interval '900 hours'"));
        Assert.Equal(stuck, await FindAsync(new HandoffFilter { Stuck = TimeSpan.FromHours(48) }));
    }

    [PostgresFact]
    public async Task Nothing_is_stuck_for_longer_than_the_server_knows_time()
    {
        await Database.InsertAsync(1, "ready", ("updated_at", "now() - interval '49 hours'"));
        Assert.Empty(await FindAsync(new HandoffFilter { Stuck = TimeSpan.FromDays(10_000_000) }));
        Assert.Empty(await FindAsync(new HandoffFilter { Stuck = TimeSpan.MaxValue }));
    }

    [PostgresFact]
    public async Task Latest_is_the_newest_per_directive_with_nulls_last_and_ties_by_id()
    {
        await AddDirectiveAsync("SD-A", "KEY-A");
        await AddDirectiveAsync("SD-B", "KEY-B");
        List<Guid> tied = await Database.InsertAsync(3, "ready", ("prepared_at", "'2026-01-02Z'"));
        await Database.InsertAsync(3, "ready", ("prepared_at", "'2026-01-01Z'"));
        await Database.InsertAsync(3, "ready", ("prepared_at", "null"));
        Guid[] nulls = [await AddHandoffAsync("SD-A"), await AddHandoffAsync("SD-A")];
        await Database.RunAsync("update exec_handoff_preparations set prepared_at = null where sd_id = 'SD-A'");
        Guid old = await AddHandoffAsync("SD-B", "rejected", "2026-01-01Z");
        Guid now = await AddHandoffAsync("SD-B", "accepted", "2026-01-03Z");
        Guid[] expected = [tied[0], nulls.Min(), now];
        Assert.Equal(expected.Order(), await FindAsync(new HandoffFilter { Latest = true }));
        // The other conditions judge the latest one; they do not make an older one the latest.
        Assert.Equal([now], await FindAsync(new HandoffFilter { Latest = true, Statuses = [HandoffStatus.Accepted] }));
        Assert.Empty(await FindAsync(new HandoffFilter { Latest = true, Statuses = [HandoffStatus.Rejected] }));
        Assert.Empty(await FindAsync(new HandoffFilter { Latest = true, Ids = [old] }));
        Assert.Equal([now], await FindAsync(new HandoffFilter { Latest = true, SdIds = ["KEY-B"] }));
        Assert.Equal(new[] { nulls.Min(), now }.Order(), await FindAsync(new HandoffFilter { Latest = true, SdIds = ["sd-[ab]"] }));
    }

    private async Task<List<Guid>> FindAsync(HandoffFilter filter) =>
        (await Database.ReadAsync(new HandoffQuery { Filter = filter })).ConvertAll(row => row.Id);

    private Task<List<Guid>> FindBySdAsync(params string[] sdIds) => FindAsync(new HandoffFilter { SdIds = sdIds });

    private Task AddDirectiveAsync(string id, string key) => Database.RunAsync($"""
        insert into strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
        values ('{id.Replace("'", "''", StringComparison.Ordinal)}', '{key.Replace("'", "''", StringComparison.Ordinal)}', 't', 'active', 'c', 'p', 'd', 'r', 's')
        """);

    private Task<Guid> AddHandoffAsync(string sdId, string status = "ready", string preparedAt = "2026-01-01Z") => Database.ScalarAsync<Guid>($"""
        insert into exec_handoff_preparations (session_id, sd_id, handoff_status, implementation_summary, prepared_at)
        values ('{HandoffDatabase.SessionId}', '{sdId.Replace("'", "''", StringComparison.Ordinal)}', '{status}', 'x', '{preparedAt}') returning id
        """);
}
