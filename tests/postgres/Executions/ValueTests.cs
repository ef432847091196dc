using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Every column that can be written, at its extremes, through a start and through a completion, and read back unchanged.</summary>
public sealed class ValueTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private const string Nasty = "quotes ' \" `, % _ \\ \\n, tab\t, lines\r\n and \n, emoji 🚀👩‍👩‍👧, ü, $1, {a,\"b\"}, NULL, '; drop table x; --";

    /// <summary>JSON as given, and as a jsonb column keeps it; null for the same text.</summary>
    private static readonly (string Given, string? Kept)[] Json =
    [
        ("1e400", "1" + new string('0', 400)),
        ("0.1", null),
        ("12345678901234567890", null),
        ("1.10", null),
        ("-0.0", "0.0"),
        ("""[null, [], {}, [null], "null", 1.10, true, false]""", null),
        ("""{"Key": 1, "KEY": 2, "key": 3}""", """{"KEY": 2, "Key": 1, "key": 3}"""),
        ("""{"": "", "a b": "\u00fc\ud83d\ude80\\\"\/"}""", """{"": "", "a b": "ü🚀\\\"/"}"""),
        ("null", null),
        ("\"\"", null),
        ("[]", null),
        ("{}", null),
        (" \n\t[1]\r\n", "[1]"),
        (Deep(512), null),
    ];

    [PostgresFact]
    public async Task Json_is_kept_by_a_start_and_by_a_completion_narrow_and_full()
    {
        string[] texts = [.. Json.Select(j => j.Given), "\"" + string.Concat(Enumerable.Repeat("🚀x'", 262_144)) + "\""];
        string[] kept = [.. Json.Select(j => j.Kept ?? j.Given), texts[^1]];
        IReadOnlyList<ChangeOutcome<FlowExecution>> started = await StartAsync(texts.Select(t => ExecutionDatabase.Run(values: new RunValues { InputState = t, Metadata = t })));
        AssertTexts(kept, started.Select(o => o.Row!.RawInputState));
        AssertTexts(kept, started.Select(o => o.Row!.RawMetadata));
        await AssertAsInTableAsync(started);
        IReadOnlyList<ChangeOutcome<FlowExecution>> narrow = await ChangeAsync(
            Complete, started.Zip(texts).Select(p => ExecutionDatabase.Of(p.First.Row!, new RunValues { OutputState = p.Second, InputState = p.Second, Metadata = p.Second })));
        AssertTexts(kept, narrow.Select(o => o.Row!.RawOutputState));
        AssertTexts(kept, narrow.Select(o => o.Row!.RawInputState));
        await AssertAsInTableAsync(narrow);
        List<Guid> ids = await Database.InsertAsync(texts.Length);
        IReadOnlyList<ChangeOutcome<FlowExecution>> full = await ChangeAsync(Complete, ids.Zip(texts).Select(p => ExecutionDatabase.Of(p.First, new RunValues { OutputState = p.Second })));
        AssertTexts(kept, full.Select(o => o.Row!.RawOutputState));
        await AssertAsInTableAsync(full);
    }

    [PostgresFact]
    public async Task Sql_null_and_json_null_are_told_apart_by_every_way()
    {
        FlowExecution started = await StartOneAsync(ExecutionDatabase.Run(values: new RunValues { InputState = "null" }));
        Assert.Equal(("null", null, null), (started.RawInputState, started.RawOutputState, started.RawMetadata));
        ChangeOutcome<FlowExecution>[] outcomes =
        [
            .. await ChangeAsync(Complete, [ExecutionDatabase.Of(started, new RunValues { OutputState = "null" })]),
            .. await ChangeAsync(Complete, [ExecutionDatabase.Of((await StartOneAsync(ExecutionDatabase.Run())).Id, new RunValues { OutputState = "null" })]),
        ];
        Assert.Equal(["null", "null"], outcomes.Select(o => o.Row!.RawOutputState));
        Assert.Equal(["null", null], outcomes.Select(o => o.Row!.RawInputState));
        Assert.Equal(2, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where output_state = 'null'::jsonb and metadata is null"));
    }

    [PostgresTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_other_value_is_written_and_read_back(bool objects)
    {
        string megabyte = string.Concat(Enumerable.Repeat("🚀x'", 262_144));
        RunValues[] values =
        [
            new() { CostUsd = 0m, TokenCount = 0 },
            new() { CostUsd = 0.0001m, TokenCount = int.MaxValue },
            new() { CostUsd = 999_999.9999m, TokenCount = 1 },
            new() { CostUsd = 999_999.99994m },
            new() { CostUsd = 0.00005m },
            new() { CostUsd = 1.1m },
            new() { Error = RunError.Of(Nasty, Nasty, Nasty) },
            new() { Error = RunError.Of("", "", "") },
            new() { Error = RunError.Of(megabyte, new string('t', 100), megabyte) },
            new() { Error = RunError.Of(null, string.Concat(Enumerable.Repeat("🚀", 60)), null) },
            new() { Error = RunError.Of("half a \ud83d", "a\0b", "\ude80 half") },
            new() { BoardMeetingId = Guid.Empty, ExecutedBy = new Guid("ffffffff-ffff-ffff-ffff-ffffffffffff"), ExecutionMode = ExecutionMode.Triggered },
            RunValues.None,
        ];
        List<Guid> ids = await Database.InsertAsync(values.Length);
        List<FlowExecution> rows = await Database.ReadAsync();
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(
            ExecutionDatabase.MoveTo(ExecutionStatus.Failed), values.Select((v, i) => objects ? ExecutionDatabase.Of(rows[i], v) : ExecutionDatabase.Of(ids[i], v)));
        AssertEach.Of(outcomes, o => Assert.Equal((OutcomeKind.Changed, null), (o.Kind, o.Error?.Message)));
        FlowExecution[] now = [.. outcomes.Select(o => o.Row!)];
        Assert.Equal(["0.0000", "0.0001", "999999.9999", "999999.9999", "0.0001", "1.1000", null], now.Take(7).Select(r => r.CostUsd?.ToString()));
        Assert.Equal([0, int.MaxValue, 1, null], now.Take(4).Select(r => r.TokenCount));
        for (int i = 0; i < values.Length; i++)
        {
            RunError? error = values[i].Error;
            Assert.True((error?.Message, error?.Type, error?.Stack) == (now[i].ErrorMessage, now[i].ErrorType, now[i].ErrorStack), $"{i}");
            Assert.Equal((values[i].BoardMeetingId, values[i].ExecutedBy), (now[i].BoardMeetingId, now[i].ExecutedBy));
        }

        Assert.Equal(ExecutionMode.Triggered, now[11].ExecutionMode);
        Assert.Equal(ExecutionMode.Manual, now[12].ExecutionMode);
        await AssertAsInTableAsync(outcomes);
    }

    [PostgresFact]
    public async Task A_value_of_one_row_leaves_the_others_of_the_batch_as_they_are()
    {
        var meeting = Guid.NewGuid();
        await Database.InsertAsync(
            3,
            "running",
            ("input_state", "to_jsonb(n)"),
            ("output_state", "to_jsonb(n)"),
            ("error_message", "'m' || n"),
            ("error_stack", "'s' || n"),
            ("error_type", "'t' || n"),
            ("token_count", "n"),
            ("cost_usd", "n"),
            ("board_meeting_id", $"'{meeting}'::uuid"),
            ("executed_by", $"'{meeting}'::uuid"),
            ("execution_mode", "'scheduled'"),
            ("metadata", "to_jsonb(n)"));
        List<FlowExecution> before = await Database.ReadAsync();
        var all = new RunValues
        {
            InputState = "9", OutputState = "9", TokenCount = 9, CostUsd = 9, Error = RunError.Of("m9", "t9", "s9"), BoardMeetingId = Guid.Empty, ExecutedBy = Guid.Empty,
            ExecutionMode = ExecutionMode.Manual, Metadata = "9",
        };
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(
            ExecutionDatabase.MoveTo(ExecutionStatus.Failed), [ExecutionDatabase.Of(before[0]), ExecutionDatabase.Of(before[1], all), ExecutionDatabase.Of(before[2], new RunValues { Error = RunError.Of("only this", null, null) })]);
        await AssertAsInTableAsync(outcomes);
        string[] after = [.. outcomes.Select(o => Values(o.Row!))];
        Assert.Equal(Values(before[0]), after[0]);
        Assert.Equal($"9 9 m9 t9 s9 9 9.0000 {Guid.Empty} {Guid.Empty} Manual 9", after[1]);
        Assert.Equal(Values(before[2]).Replace(before[2].ErrorMessage!, "only this", StringComparison.Ordinal), after[2]);
    }

    [PostgresFact]
    public async Task New_runs_take_every_value()
    {
        var values = new RunValues
        {
            InputState = "1", Metadata = "2", BoardMeetingId = Guid.NewGuid(), ExecutedBy = Guid.NewGuid(), ExecutionMode = ExecutionMode.Scheduled,
            OutputState = "3", TokenCount = 4, CostUsd = 5, Error = RunError.Of("m", "t", "s"),
        };
        FlowExecution run = await StartOneAsync(ExecutionDatabase.Run(values: values));
        Assert.Equal(("1", "2", values.BoardMeetingId, values.ExecutedBy, ExecutionMode.Scheduled), (run.RawInputState, run.RawMetadata, run.BoardMeetingId, run.ExecutedBy, run.ExecutionMode));
        Assert.Equal(("3", "m", "t", "s", 4, 5m), (run.RawOutputState, run.ErrorMessage, run.ErrorType, run.ErrorStack, run.TokenCount, run.CostUsd));
    }

    private static string Values(FlowExecution r) =>
        $"{r.RawInputState} {r.RawOutputState} {r.ErrorMessage} {r.ErrorType} {r.ErrorStack} {r.TokenCount} {r.CostUsd} {r.BoardMeetingId} {r.ExecutedBy} {r.ExecutionMode} {r.RawMetadata}";

    private static string Deep(int levels) => new string('[', levels) + new string(']', levels);

    /// <summary>Equal to the letter, without a megabyte in the message where they are not.</summary>
    private static void AssertTexts(string[] expected, IEnumerable<string?> actual) =>
        AssertEach.Of(expected.Zip(actual), p => Assert.True(p.First == p.Second, $"{p.First[..Math.Min(80, p.First.Length)]} became {p.Second?[..Math.Min(80, p.Second.Length)]}"));
}
