using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>Handoffs that are made.</summary>
[Trait("Category", "Core")]
public sealed class CreateTests(PostgresServer server) : ContentTest(server)
{
    private const string Nasty = "quotes ' \" `, % _ \\ \\n, tab\t, lines\r\n and \n, emoji 🚀👩‍👩‍👧, $1, {a,\"b\"}, NULL, '; drop table x; --";

    [PostgresFact]
    public async Task A_new_handoff_is_preparing_since_now_and_what_is_not_given_is_the_default()
    {
        HandoffDraft draft = Draft(summary: Nasty);
        ChangeOutcome<HandoffPreparation> outcome = Assert.Single(await CreateAsync([draft]));
        Assert.Equal((OutcomeKind.Changed, Nasty), (outcome.Kind, outcome.Source));
        HandoffPreparation row = outcome.Row!;
        Assert.Equal((draft.Id, HandoffDatabase.SessionId, HandoffDatabase.SdId, HandoffDatabase.SdKey), (row.Id, row.SessionId, row.SdId, row.SdKey));
        Assert.Equal((HandoffStatus.Preparing, Nasty), (row.Status, row.ImplementationSummary));
        Assert.Equal(["{}", "{}", "{}", "{}", "{}"], ContentColumn.All.Where(c => c.Kind == ContentKind.Json).Select(c => c.Raw!(row)!));
        Assert.Equal((null, null, null, null, null), (row.DemoUrl, row.DeliverablesManifest, row.KnownIssues, row.SentAt, row.ResponseAt));
        Assert.Equal((row.PreparedAt, row.PreparedAt), (row.CreatedAt, row.UpdatedAt));
        Assert.True(await Database.ScalarAsync<bool>("select prepared_at between now() - interval '1 minute' and now() from exec_handoff_preparations"));
        Assert.Equal(HandoffJson.Line(Assert.Single(await Database.ReadAsync())), HandoffJson.Line(row));
    }

    [PostgresFact]
    public async Task Every_column_takes_its_value_and_a_given_null_is_null()
    {
        (ContentColumn, object?)[] values =
        [
            (ContentColumn.QualityMetrics, """{"n": 1.10, "big": 12345678901234567890, "K": 1, "k": 2}"""),
            (ContentColumn.TestResults, null),
            (ContentColumn.PerformanceBenchmarks, "null"),
            (ContentColumn.SecurityValidation, "[1, null]"),
            (ContentColumn.AccessibilityCompliance, $"{JsonText.EscapeString(Nasty)}"),
            (ContentColumn.DemoUrl, Nasty),
            (ContentColumn.DocumentationUrl, ""),
            (ContentColumn.TestReportUrl, null),
            (ContentColumn.DeliverablesManifest, new[] { Nasty, null, "", "NULL", "\\", "{}" }),
            (ContentColumn.KnownIssues, Array.Empty<string?>()),
            (ContentColumn.PostImplementationNotes, "n"),
        ];
        HandoffPreparation row = Assert.Single(await CreateAsync([Draft(values: values)])).Row!;
        Assert.Equal("""{"K": 1, "k": 2, "n": 1.10, "big": 12345678901234567890}""", row.RawQualityMetrics);
        Assert.Equal((null, "null", "[1, null]", JsonText.EscapeString(Nasty)), (row.RawTestResults, row.RawPerformanceBenchmarks, row.RawSecurityValidation, row.RawAccessibilityCompliance));
        Assert.Equal((Nasty, "", null, "n"), (row.DemoUrl, row.DocumentationUrl, row.TestReportUrl, row.PostImplementationNotes));
        Assert.Equal([Nasty, null, "", "NULL", "\\", "{}"], row.DeliverablesManifest!);
        Assert.Empty(row.KnownIssues!);
        Assert.Equal(HandoffJson.Line(Assert.Single(await Database.ReadAsync())), HandoffJson.Line(row));
    }

    [PostgresFact]
    public async Task Rows_of_one_batch_may_bring_different_columns()
    {
        HandoffDraft[] drafts =
        [
            Draft(values: (ContentColumn.QualityMetrics, """{"a": 1}""")),
            Draft(values: (ContentColumn.KnownIssues, new[] { "k" })),
            Draft(values: [(ContentColumn.QualityMetrics, null), (ContentColumn.DemoUrl, "d")]),
        ];
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await CreateAsync(drafts);
        Assert.Equal(drafts.Select(d => d.Id), outcomes.Select(o => o.Row!.Id));
        Assert.Equal(["""{"a": 1}""", "{}", null], outcomes.Select(o => o.Row!.RawQualityMetrics));
        Assert.Equal([null, "[\"k\"]", null], outcomes.Select(o => o.Row!.KnownIssues?.ToString()));
        Assert.Equal([null, null, "d"], outcomes.Select(o => o.Row!.DemoUrl));
    }

    [PostgresFact]
    public async Task A_value_of_a_megabyte_for_a_thousand_rows_travels_once()
    {
        string large = $$"""{"text": "{{new string('x', 1_000_000)}}"}""";
        string[] issues = ["the same list"];
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await CreateAsync(
            Enumerable.Range(0, 100).Select(n => Draft(summary: $"{n}", values: [(ContentColumn.TestResults, large), (ContentColumn.KnownIssues, issues)])));
        AssertEach.Of(outcomes, o => Assert.Equal((OutcomeKind.Changed, large, "[\"the same list\"]"), (o.Kind, o.Row!.RawTestResults, o.Row.KnownIssues!.ToString())));
        Assert.Equal(Enumerable.Range(0, 100).Select(n => $"{n}"), outcomes.Select(o => o.Row!.ImplementationSummary));
    }

    [PostgresFact]
    public async Task A_directive_is_found_by_its_id_or_its_key_and_the_id_wins()
    {
        List<Guid> sessions = await AddDirectiveAsync("SD-ONE", "KEY-ONE", "active");
        sessions.AddRange(await AddDirectiveAsync("SD-TWO", "SD-ONE", "active", "completed", "paused"));
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await CreateAsync([Draft("SD-ONE"), Draft("KEY-ONE"), Draft("SD-TWO"), Draft(HandoffDatabase.SdKey), Draft(null, sessions[2])]);
        Assert.Equal(["SD-ONE", "SD-ONE", "SD-TWO", HandoffDatabase.SdId, "SD-TWO"], outcomes.Select(o => o.Row!.SdId));
        Assert.Equal([sessions[0], sessions[0], sessions[1], HandoffDatabase.SessionId, sessions[2]], outcomes.Select(o => o.Row!.SessionId));
        Assert.Equal(["KEY-ONE", "KEY-ONE", "SD-ONE", HandoffDatabase.SdKey, "SD-ONE"], outcomes.Select(o => o.Row!.SdKey));
    }

    [PostgresFact]
    public async Task Each_bad_row_gets_its_own_error_and_the_others_are_made()
    {
        List<Guid> sessions = await AddDirectiveAsync("SD-NONE", "KEY-NONE", "completed");
        await Database.RunAsync("drop index idx_exec_sessions_sd_active");
        await AddDirectiveAsync("SD-MANY", "KEY-MANY", "active", "active");
        var unknown = Guid.NewGuid();
        HandoffDraft[] drafts =
        [
            Draft(), Draft("SD-UNKNOWN"), Draft(session: unknown), Draft("SD-NONE"), Draft("KEY-MANY"), Draft(session: sessions[0]), Draft("SD-NONE", sessions[0]), Draft("SD-BASE-*"), Draft("sd-base-001"),
        ];
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await CreateAsync(drafts);
        Assert.Equal(
            ["", "ReferenceNotFound", "ReferenceNotFound", "ReferenceNotFound", "ReferenceNotFound", "ValueOutOfRange", "", "ReferenceNotFound", "ReferenceNotFound"], ErrorsOf(outcomes));
        Assert.Contains("SD-UNKNOWN", outcomes[1].Error!.Message, StringComparison.Ordinal);
        Assert.Contains(unknown.ToString(), outcomes[2].Error!.Message, StringComparison.Ordinal);
        Assert.Contains("no active session", outcomes[3].Error!.Message, StringComparison.Ordinal);
        Assert.Contains("2 active sessions", outcomes[4].Error!.Message, StringComparison.Ordinal);
        Assert.Contains("belongs to strategic directive SD-NONE", outcomes[5].Error!.Message, StringComparison.Ordinal);
        Assert.Equal([drafts[0].Id, drafts[6].Id], (await Database.ReadAsync()).Select(r => r.Id).OrderBy(id => id == drafts[6].Id));
        IReadOnlyList<DraftSight> sights = await Content.LookAsync(New, drafts, HandoffDatabase.Context, CancellationToken.None);
        Assert.Equal(
            outcomes.Select(o => o.Error?.Message),
            drafts.Zip(sights, (draft, sight) => DraftVerdict.Of(New, draft, sight, Database.Database.Server.Role, TimeSpan.Zero).Error?.Message));
        AssertEach.Of(await CreateAsync([Draft(session: sessions[0])], New with { Force = true }), o => Assert.Equal((HandoffDatabase.SdId, sessions[0]), (o.Row!.SdId, o.Row.SessionId)));
    }

    [PostgresFact]
    public async Task One_row_of_a_thousand_that_the_database_refuses_fails_alone()
    {
        await Database.RunAsync("alter table exec_handoff_preparations add constraint short check (length(demo_url) < 10)");
        HandoffDraft[] drafts = [.. Enumerable.Range(0, 1000).Select(n => Draft(summary: $"{n}", values: (ContentColumn.DemoUrl, n == 637 ? "much too long" : "d")))];
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await CreateAsync(drafts);
        ChangeOutcome<HandoffPreparation> failed = SingleFailure(outcomes, LeoErrorId.ValueOutOfRange);
        Assert.Equal("637", failed.Source);
        Assert.Contains("short", failed.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(999, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations"));
    }

    [PostgresFact]
    public async Task What_a_trigger_leaves_out_is_not_called_made()
    {
        await Database.RunAsync("""
            create function skip() returns trigger language plpgsql as $$ begin if new.implementation_summary = 'skip' then return null; end if; new.demo_url = 'set'; return new; end $$;
            create trigger skip before insert on exec_handoff_preparations for each row execute function skip()
            """);
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await CreateAsync([Draft(), Draft(summary: "skip")]);
        Assert.Equal("set", outcomes[0].Row!.DemoUrl);
        Assert.Contains("trigger", SingleFailure(outcomes, LeoErrorId.Forbidden).Error!.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_session_that_another_transaction_holds_keeps_only_its_own_handoffs_waiting()
    {
        Guid other = (await AddDirectiveAsync("SD-TWO", "KEY-TWO", "active"))[0];
        await using NpgsqlConnection holder = await Database.ConnectAsync();
        await using (var hold = new NpgsqlCommand($"begin; delete from exec_implementation_sessions where id = '{other}'", holder))
        {
            await hold.ExecuteNonQueryAsync();
        }

        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await CreateAsync(
            [Draft(), Draft("SD-TWO"), Draft(null, other), Draft(session: HandoffDatabase.SessionId)], context: Waiting(TimeSpan.FromMilliseconds(200)));
        Assert.Equal(["", "RowLocked", "RowLocked", ""], ErrorsOf(outcomes));
        Assert.Contains("0.2 s", outcomes[1].Error!.Message, StringComparison.Ordinal);
        Assert.Equal(2, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations"));
    }

    [PostgresFact]
    public async Task Atomically_all_are_made_or_none()
    {
        HandoffDraft[] drafts = [.. Enumerable.Range(0, 250).Select(n => Draft(summary: $"{n}"))];
        BulkResult<HandoffPreparation> bad = await Content.CreateAsync(New, [.. drafts, Draft("SD-UNKNOWN")], new BulkOptions(100, IsAtomic: true), HandoffDatabase.Context, CancellationToken.None);
        Assert.False(bad.Committed);
        Assert.Equal(LeoErrorId.ReferenceNotFound, Assert.Single(bad.Outcomes, o => o.Kind == OutcomeKind.Failed).Error!.ErrorId);
        Assert.Empty(await Database.ReadAsync());
        BulkResult<HandoffPreparation> good = await Content.CreateAsync(New, drafts, new BulkOptions(100, IsAtomic: true), HandoffDatabase.Context, CancellationToken.None);
        Assert.True(good.Committed);
        Assert.Equal(drafts.Select(d => d.Id), good.Outcomes.Select(o => o.Row!.Id));
        Assert.Equal(1, await Database.ScalarAsync<long>("select count(distinct (prepared_at, created_at, updated_at)) from exec_handoff_preparations"));
    }

    [PostgresFact]
    public async Task A_view_in_place_of_the_table_takes_them_too()
    {
        await Database.RunAsync("alter table exec_handoff_preparations rename to handoffs_behind; create view exec_handoff_preparations as select * from handoffs_behind");
        HandoffPreparation row = Assert.Single(await CreateAsync([Draft()])).Row!;
        Assert.Null(row.RowVersion);
        Assert.Equal(HandoffJson.Line(row), HandoffJson.Line(Assert.Single(await Database.ReadAsync())));
    }
}
