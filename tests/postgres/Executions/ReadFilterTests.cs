using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Which runs a reading finds.</summary>
public sealed class ReadFilterTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private static readonly Guid User = Guid.Parse("00000000-0000-0000-0000-00000000000a");

    [PostgresFact]
    public async Task Ids_find_what_is_there_and_say_nothing_of_the_rest()
    {
        List<Guid> ids = await Database.InsertAsync(5);
        Assert.Equal([ids[1], ids[3]], await FindAsync(new ExecutionFilter { Ids = [ids[3], Guid.NewGuid(), ids[1], ids[1]] }));
        Assert.Empty(await FindAsync(new ExecutionFilter { Ids = [] }));
        Assert.Equal(ids, await FindAsync(new ExecutionFilter()));
    }

    [PostgresFact]
    public async Task A_flow_is_found_by_its_id_and_by_its_key_to_the_letter()
    {
        Guid other = await Database.AddFlowAsync("Base-Flow");
        List<Guid> mine = await Database.InsertAsync(2);
        List<Guid> others = await Database.InsertAsync(2, "running", ("flow_id", Quoted(other)));
        Assert.Equal(others, await FindAsync(new ExecutionFilter { FlowIds = [other, Guid.NewGuid()] }));
        Assert.Equal(mine.Concat(others).Order(), await FindAsync(new ExecutionFilter { FlowIds = [other, ExecutionDatabase.FlowId] }));
        Assert.Empty(await FindAsync(new ExecutionFilter { FlowIds = [] }));
        Assert.Equal(mine, await FindAsync(new ExecutionFilter { FlowKeys = [ExecutionDatabase.FlowKey] }));
        Assert.Equal(others, await FindAsync(new ExecutionFilter { FlowKeys = ["Base-Flow", "nobody"] }));
        Assert.Equal(mine.Concat(others).Order(), await FindAsync(new ExecutionFilter { FlowKeys = ["BASE-?low"] }));
        Assert.Empty(await FindAsync(new ExecutionFilter { FlowKeys = ["base"] }));
        Assert.Empty(await FindAsync(new ExecutionFilter { FlowKeys = [] }));
    }

    [PostgresFact]
    public async Task Wildcards_are_PowerShells_in_keys_of_flows_and_of_runs()
    {
        string[] names = ["a.b", "a%b", "a_b", "a\\b", "a[1]", "A*B", "it's \"x\"", "emoji 🚀 ü"];
        (string Pattern, string[] Expected)[] cases =
        [
            ("*", names), ("A.*", ["a.b"]), ("a%*", ["a%b"]), ("a_*", ["a_b"]), ("a\\*", ["a\\b"]), ("a`[*", ["a[1]"]), ("a`*?", ["A*B"]), ("a[._]b", ["a.b", "a_b"]),
            ("*'*\"*", ["it's \"x\""]), ("EMOJI ? Ü", ["emoji 🚀 ü"]), ("a`.b", ["a.b"]), ("A.B", []), ("(a|b)*", []),
        ];
        var byFlow = new Dictionary<Guid, string>();
        var byKey = new Dictionary<Guid, string>();
        foreach (string name in names)
        {
            Guid flow = await Database.AddFlowAsync(name);
            byFlow[(await Database.InsertAsync(1, "running", ("flow_id", Quoted(flow))))[0]] = name;
            byKey[(await Database.InsertAsync(1, "running", ("execution_key", Quoted(name))))[0]] = name;
        }

        foreach ((string pattern, string[] expected) in cases)
        {
            await AssertFindsAsync(new ExecutionFilter { FlowKeys = [pattern] }, byFlow, expected);
            await AssertFindsAsync(new ExecutionFilter { ExecutionKeys = [pattern] }, byKey, expected);
        }
    }

    [PostgresFact]
    public async Task Several_keys_and_patterns_are_alternatives()
    {
        List<Guid> ids = await Database.InsertAsync(3, "running", ("execution_key", "'KEY-' || n"));
        List<Guid> byKey = await Database.ColumnAsync<Guid>("select id from crewai_flow_executions where execution_key in ('KEY-1', 'KEY-3') order by id");
        Assert.Equal(byKey, await FindAsync(new ExecutionFilter { ExecutionKeys = ["KEY-1", "KEY-3", "key-2"] }));
        Assert.Equal(ids, await FindAsync(new ExecutionFilter { ExecutionKeys = ["KEY-1", "key-[23]"] }));
        Assert.Empty(await FindAsync(new ExecutionFilter { ExecutionKeys = [] }));
    }

    [PostgresFact]
    public async Task An_invalid_pattern_is_refused()
    {
        foreach (ExecutionFilter filter in new[] { new ExecutionFilter { FlowKeys = ["FLOW-[A"] }, new ExecutionFilter { ExecutionKeys = ["KEY-[A"] } })
        {
            Assert.Equal(LeoErrorId.InvalidIdentity, (await Assert.ThrowsAsync<LeoException>(() => FindAsync(filter))).ErrorId);
        }
    }

    [PostgresFact]
    public async Task Every_status_is_found_and_a_row_without_one_by_none()
    {
        var byStatus = new Dictionary<ExecutionStatus, List<Guid>>();
        foreach (ExecutionStatus each in Enum.GetValues<ExecutionStatus>())
        {
            byStatus[each] = await Database.InsertAsync(1 + (int)each, each.ToString().ToLowerInvariant());
        }

        await Database.InsertAsync(1, status: null);
        foreach ((ExecutionStatus status, List<Guid> ids) in byStatus)
        {
            Assert.Equal(ids, await FindAsync(new ExecutionFilter { Statuses = [status] }));
        }

        Assert.Equal(21, (await FindAsync(new ExecutionFilter { Statuses = Enum.GetValues<ExecutionStatus>() })).Count);
        Assert.Empty(await FindAsync(new ExecutionFilter { Statuses = [] }));
    }

    [PostgresFact]
    public async Task Every_mode_is_found_and_a_row_without_one_by_none()
    {
        foreach (ExecutionMode mode in Enum.GetValues<ExecutionMode>())
        {
            List<Guid> ids = await Database.InsertAsync(2, "running", ("execution_mode", Quoted(mode.ToString().ToLowerInvariant())));
            Assert.Equal(ids, await FindAsync(new ExecutionFilter { Modes = [mode] }));
        }

        await Database.InsertAsync(1, "running", ("execution_mode", "null"));
        Assert.Equal(6, (await FindAsync(new ExecutionFilter { Modes = Enum.GetValues<ExecutionMode>() })).Count);
        Assert.Empty(await FindAsync(new ExecutionFilter { Modes = [] }));
    }

    [PostgresFact]
    public async Task Meeting_and_user_are_found_by_their_ids()
    {
        var meeting = Guid.NewGuid();
        await Database.InsertAsync(2);
        List<Guid> ofMeeting = await Database.InsertAsync(2, "running", ("board_meeting_id", Quoted(meeting)));
        List<Guid> ofUser = await Database.InsertAsync(2, "running", ("executed_by", Quoted(User)));
        // One's meeting is another's user.
        List<Guid> crossed = await Database.InsertAsync(1, "running", ("executed_by", Quoted(meeting)), ("board_meeting_id", Quoted(User)));
        Assert.Equal(ofMeeting, await FindAsync(new ExecutionFilter { BoardMeetingIds = [meeting, Guid.NewGuid()] }));
        Assert.Equal(ofUser, await FindAsync(new ExecutionFilter { ExecutedBy = [User] }));
        Assert.Equal(crossed, await FindAsync(new ExecutionFilter { ExecutedBy = [meeting], BoardMeetingIds = [User] }));
        Assert.Empty(await FindAsync(new ExecutionFilter { BoardMeetingIds = [] }));
        Assert.Empty(await FindAsync(new ExecutionFilter { ExecutedBy = [] }));
    }

    [PostgresFact]
    public async Task After_is_at_or_after_and_Before_is_before_to_the_microsecond()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        string[] times = ["2026-03-01 12:00:00.000001Z", "2026-03-01 12:00:00.000002Z"];
        await Database.RunAsync($"""
            update crewai_flow_executions set started_at = null where id = '{ids[2]}';
            update crewai_flow_executions set started_at = '{times[0]}', completed_at = '2026-03-02Z' where id = '{ids[0]}';
            update crewai_flow_executions set started_at = '{times[1]}' where id = '{ids[1]}';
            """);
        // An offset is honoured.
        DateTimeOffset first = DateTimeOffset.Parse(times[0]).ToOffset(TimeSpan.FromHours(-7));
        DateTimeOffset second = DateTimeOffset.Parse(times[1]);
        Assert.Equal(ids[..2], await FindAsync(new ExecutionFilter { After = first }));
        Assert.Equal([ids[1]], await FindAsync(new ExecutionFilter { After = second }));
        Assert.Equal([ids[0]], await FindAsync(new ExecutionFilter { Before = second }));
        Assert.Equal([ids[0]], await FindAsync(new ExecutionFilter { After = first, Before = second }));
        Assert.Empty(await FindAsync(new ExecutionFilter { Before = first }));
    }

    [PostgresFact]
    public async Task All_conditions_have_to_hold()
    {
        var meeting = Guid.NewGuid();
        (string, string)[] Set(string key, string mode = "'triggered'", string started = "'2026-01-02Z'", Guid? user = null, Guid? board = null) =>
        [
            ("execution_key", Quoted(key)), ("execution_mode", mode), ("started_at", started), ("executed_by", Quoted(user ?? User)), ("board_meeting_id", Quoted(board ?? meeting)),
        ];
        Guid wanted = (await Database.InsertAsync(1, "failed", Set("KEY-1")))[0];
        await Database.InsertAsync(1, "running", Set("KEY-2"));
        await Database.InsertAsync(1, "failed", Set("OTHER"));
        await Database.InsertAsync(1, "failed", Set("KEY-3", mode: "'manual'"));
        await Database.InsertAsync(1, "failed", Set("KEY-4", started: "'2025-01-02Z'"));
        await Database.InsertAsync(1, "failed", Set("KEY-5", started: "'2027-01-02Z'"));
        await Database.InsertAsync(1, "failed", Set("KEY-6", user: Guid.NewGuid()));
        await Database.InsertAsync(1, "failed", Set("KEY-7", board: Guid.NewGuid()));
        Guid flow = await Database.AddFlowAsync("other-flow");
        await Database.InsertAsync(1, "failed", [.. Set("KEY-8"), ("flow_id", Quoted(flow))]);
        var filter = new ExecutionFilter
        {
            FlowKeys = ["base-*"],
            ExecutionKeys = ["key-*"],
            Statuses = [ExecutionStatus.Failed],
            Modes = [ExecutionMode.Triggered],
            ExecutedBy = [User],
            BoardMeetingIds = [meeting],
            After = DateTimeOffset.Parse("2026-01-01Z"),
            Before = DateTimeOffset.Parse("2026-02-01Z"),
        };
        Assert.Equal([wanted], await FindAsync(filter));
        // And so they do behind a place.
        Assert.Empty((await Database.ReadAsync(new ExecutionQuery { Filter = filter, ResumeAfter = LeoPS.Reading.ResumePoint.After(wanted) })).ConvertAll(r => r.Id));
    }

    [PostgresFact]
    public async Task A_flow_that_row_level_security_hides_has_neither_key_nor_name_and_matches_no_pattern()
    {
        Guid archived = await Database.AddFlowAsync("archived-flow", "archived");
        Guid hidden = (await Database.InsertAsync(1, "running", ("flow_id", Quoted(archived)), ("executed_by", Quoted(User))))[0];
        Guid plain = (await Database.InsertAsync(1, "running", ("executed_by", Quoted(User))))[0];
        await Database.InsertAsync(1, "running", ("executed_by", Quoted(Guid.NewGuid())));
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated", User);
        Dictionary<Guid, FlowExecution> rows = (await Database.ReadAsync(database: member)).ToDictionary(r => r.Id);
        Assert.Equal(new[] { hidden, plain }.Order(), rows.Keys.Order());
        Assert.Equal((archived, null, null), (rows[hidden].FlowId, rows[hidden].FlowKey, rows[hidden].FlowName));
        Assert.Equal((ExecutionDatabase.FlowKey, ExecutionDatabase.FlowName), (rows[plain].FlowKey, rows[plain].FlowName));
        Assert.Equal([plain], (await Database.ReadAsync(new ExecutionQuery { Filter = new ExecutionFilter { FlowKeys = ["*"] } }, member)).ConvertAll(r => r.Id));
        Assert.Equal([hidden], (await Database.ReadAsync(new ExecutionQuery { Filter = new ExecutionFilter { FlowIds = [archived] } }, member)).ConvertAll(r => r.Id));
    }

    private async Task AssertFindsAsync(ExecutionFilter filter, Dictionary<Guid, string> named, string[] expected)
    {
        IEnumerable<string> found = (await FindAsync(filter)).Where(named.ContainsKey).Select(id => named[id]);
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    private static string Quoted(Guid id) => $"'{id}'::uuid";

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private async Task<List<Guid>> FindAsync(ExecutionFilter filter) =>
        (await Database.ReadAsync(new ExecutionQuery { Filter = filter })).ConvertAll(row => row.Id);
}
