using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>Handoffs whose content is edited.</summary>
[Trait("Category", "Core")]
public sealed class EditTests(PostgresServer server) : ContentTest(server)
{
    private static readonly EditRules Merge = new(Merge: true, Append: false);
    private static readonly EditRules Append = new(Merge: false, Append: true);
    private static readonly EditRules Both = new(Merge: true, Append: true);

    [PostgresFact]
    public async Task What_is_given_is_written_what_is_not_stays_and_the_time_is_the_server_s()
    {
        List<Guid> ids = await Database.InsertAsync(3, "sent", ("demo_url", "'d'"), ("known_issues", "array['k']"), ("updated_at", "'2026-01-01Z'"), ("sent_at", "'2026-01-01Z'"));
        HandoffPreparation[] rows = [.. await Database.ReadAsync()];
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await EditAsync(
        [
            Edit(rows[2], (ContentColumn.QualityMetrics, """{"a": 1.10}"""), (ContentColumn.ImplementationSummary, "new")),
            Edit(ids[0], (ContentColumn.DemoUrl, null), (ContentColumn.KnownIssues, new[] { "x", null })),
            Edit(rows[1], (ContentColumn.KnownIssues, null), (ContentColumn.QualityMetrics, null)),
        ]);
        Assert.Equal([ids[2], ids[0], ids[1]], outcomes.Select(o => o.Row!.Id));
        AssertEach.Of(outcomes, o => Assert.Equal((OutcomeKind.Changed, HandoffStatus.Sent, 2026), (o.Kind, o.Row!.Status, o.Row.SentAt!.Value.Year)));
        Assert.Equal(("new", """{"a": 1.10}""", "d", "[\"k\"]"), (outcomes[0].Row!.ImplementationSummary, outcomes[0].Row!.RawQualityMetrics, outcomes[0].Row!.DemoUrl, outcomes[0].Row!.KnownIssues!.ToString()));
        Assert.Equal((null, "[\"x\",null]", "{}"), (outcomes[1].Row!.DemoUrl, outcomes[1].Row!.KnownIssues!.ToString(), outcomes[1].Row!.RawQualityMetrics));
        Assert.Equal((null, null, "d"), (outcomes[2].Row!.KnownIssues, outcomes[2].Row!.RawQualityMetrics, outcomes[2].Row!.DemoUrl));
        Assert.Equal(3, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations where updated_at between now() - interval '1 minute' and now()"));
        Assert.Equal((await Database.ReadAsync()).Select(HandoffJson.Line), outcomes.OrderBy(o => o.Row!.Id).Select(o => HandoffJson.Line(o.Row!)));
    }

    [PostgresFact]
    public async Task Every_column_can_be_edited_and_cleared()
    {
        Guid id = (await Database.InsertAsync(1))[0];
        (ContentColumn Column, object? Value)[] values = [.. ContentColumn.All.Select(c => (c, c.Kind switch
        {
            ContentKind.Json => $$"""{"c": "{{c.Name}}"}""",
            ContentKind.TextArray => new[] { c.Name },
            _ => (object?)c.Name,
        }))];
        HandoffPreparation row = Assert.Single(await EditAsync([Edit(id, values)])).Row!;
        foreach (ContentColumn column in ContentColumn.All)
        {
            Assert.Contains(column.Name, typeof(HandoffPreparation).GetProperty(column.Property)!.GetValue(row)!.ToString(), StringComparison.Ordinal);
        }

        row = Assert.Single(await EditAsync([Edit(row, [.. values.Skip(1).Select(v => (v.Column, (object?)null))])])).Row!;
        AssertEach.Of(ContentColumn.All.Skip(1), column => Assert.Null(typeof(HandoffPreparation).GetProperty(column.Property)!.GetValue(row)));
    }

    [PostgresFact]
    public async Task Merging_adds_and_replaces_keys_and_keeps_the_others()
    {
        await Database.InsertAsync(3, "ready", ("quality_metrics", """case n when 3 then null else '{"a": 1, "b": {"x": 1}}'::jsonb end"""), ("test_results", "'{}'"));
        HandoffPreparation[] rows = [.. await Database.ReadAsync()];
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await EditAsync(
            rows.Select((r, i) => i == 1 ? Edit(r.Id, (ContentColumn.TestResults, """{"t": 1}""")) : Edit(r, (ContentColumn.QualityMetrics, """{"b": {"y": 2}, "c": null}"""))), Both);
        string[] expected = [.. rows.Select((r, i) => i == 1 ? r.RawQualityMetrics! : r.RawQualityMetrics is null ? """{"b": {"y": 2}, "c": null}""" : """{"a": 1, "b": {"y": 2}, "c": null}""")];
        Assert.Equal(expected, outcomes.Select(o => o.Row!.RawQualityMetrics!));
        Assert.Equal(["{}", """{"t": 1}""", "{}"], outcomes.Select(o => o.Row!.RawTestResults!));
    }

    [PostgresFact]
    public async Task A_column_that_holds_no_object_is_its_own_error_and_the_other_rows_are_done()
    {
        List<Guid> ids = await Database.InsertAsync(6);
        string[] held = ["{}", "[1]", "null", "\"s\"", "7", """{"a": 2}"""];
        for (int i = 0; i < held.Length; i++)
        {
            await Database.RunAsync($"update exec_handoff_preparations set test_results = '{held[i]}', demo_url = 'as it was' where id = '{ids[i]}'");
        }

        HandoffPreparation[] rows = [.. await Database.ReadAsync()];
        foreach (bool bare in new[] { false, true })
        {
            IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await EditAsync(
                rows.Select(r => bare ? Edit(r.Id, (ContentColumn.TestResults, """{"a": 1}"""), (ContentColumn.DemoUrl, "new")) : Edit(r, (ContentColumn.TestResults, """{"a": 1}"""), (ContentColumn.DemoUrl, "new"))), Merge);
            Assert.Equal(["", "InvalidJson", "InvalidJson", "InvalidJson", "InvalidJson", ""], ErrorsOf(outcomes));
            Assert.Contains($"TestResults of handoff {ids[1]}", outcomes[1].Error!.Message, StringComparison.Ordinal);
        }

        Assert.Equal(held.Skip(1).Take(4), await Database.ColumnAsync<string>("select test_results::text from exec_handoff_preparations where demo_url = 'as it was' order by id"));
        // Without -Merge they are replaced.
        AssertEach.Of(await EditAsync(ids.Select(id => Edit(id, (ContentColumn.TestResults, "{}")))), o => Assert.Equal("{}", o.Row!.RawTestResults));
    }

    [PostgresFact]
    public async Task Appending_adds_to_lists_and_makes_those_that_are_not_there()
    {
        await Database.InsertAsync(3, "ready", ("known_issues", "case n when 1 then null when 2 then '{}' else array['a', null] end"));
        HandoffPreparation[] rows = [.. await Database.ReadAsync()];
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await EditAsync(
            rows.Select((r, i) => Edit(r, (ContentColumn.KnownIssues, new[] { $"{i}", null }))), Append);
        Assert.Equal(rows.Select((r, i) => (string?[])[.. r.KnownIssues ?? new TextArray([]), $"{i}", null]), outcomes.Select(o => o.Row!.KnownIssues!.ToArray()));
        AssertEach.Of(await EditAsync(rows.Select(r => Edit(r.Id, (ContentColumn.KnownIssues, new[] { "only" })))), o => Assert.Equal(["only"], o.Row!.KnownIssues!));
    }

    [PostgresTheory]
    [InlineData("update exec_handoff_preparations set demo_url = 'theirs'")]
    [InlineData("update exec_handoff_preparations set handoff_status = 'sent'")]
    [InlineData("update exec_handoff_preparations set demo_url = 'there'; update exec_handoff_preparations set demo_url = null")]
    public async Task An_object_whose_row_changed_is_an_edit_conflict_and_nobody_s_change_is_lost(string meanwhile)
    {
        await Database.InsertAsync(2);
        HandoffPreparation[] rows = [.. await Database.ReadAsync()];
        await Database.RunAsync($"{meanwhile.Replace(";", $" where id = '{rows[1].Id}';", StringComparison.Ordinal)} where id = '{rows[1].Id}'");
        string now = HandoffJson.Line(await Database.ReadAsync(rows[1].Id));
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await EditAsync(rows.Select(r => Edit(r, (ContentColumn.DemoUrl, "mine"))));
        Assert.Same(rows[1], SingleFailure(outcomes, LeoErrorId.EditConflict).Source);
        Assert.Equal(now, HandoffJson.Line(await Database.ReadAsync(rows[1].Id)));
        // Adding is guarded like replacing.
        SingleFailure(await EditAsync([Edit(rows[1], (ContentColumn.KnownIssues, new[] { "x" }))], Append), LeoErrorId.EditConflict);
        // What came out can be edited on; a second edit from the first object cannot.
        Assert.Equal(OutcomeKind.Changed, Assert.Single(await EditAsync([Edit(outcomes[0].Row!, (ContentColumn.DemoUrl, "again"))])).Kind);
        SingleFailure(await EditAsync([Edit(rows[0], (ContentColumn.DemoUrl, "late"))]), LeoErrorId.EditConflict);
    }

    [PostgresFact]
    public async Task A_view_in_place_of_the_table_is_guarded_by_status_and_updated_at()
    {
        List<Guid> ids = await Database.InsertAsync(4, "ready", ("updated_at", "'2026-01-01 00:00:00.123456Z'"));
        await Database.RunAsync("alter table exec_handoff_preparations rename to handoffs_behind; create view exec_handoff_preparations as select * from handoffs_behind");
        HandoffPreparation[] rows = [.. await Database.ReadAsync()];
        await Database.RunAsync($"""
            update handoffs_behind set updated_at = now() where id = '{ids[1]}';
            update handoffs_behind set handoff_status = 'preparing' where id = '{ids[2]}'
            """);
        Assert.Equal(["", "EditConflict", "EditConflict", ""], ErrorsOf(await EditAsync(rows.Select((r, i) => i == 3 ? Edit(r.Id, (ContentColumn.DemoUrl, "x")) : Edit(r, (ContentColumn.DemoUrl, "x"))))));
    }

    [PostgresFact]
    public async Task Unknown_held_and_refused_rows_are_told_apart()
    {
        List<Guid> ids = await Database.InsertAsync(4);
        await Database.RunAsync("alter table exec_handoff_preparations add constraint short check (length(demo_url) < 10)");
        var unknown = Guid.NewGuid();
        await using (await Database.HoldAsync(ids[2]))
        {
            IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await EditAsync(
                [Edit(ids[0], (ContentColumn.DemoUrl, "x")), Edit(unknown, (ContentColumn.DemoUrl, "x")), Edit(ids[2], (ContentColumn.DemoUrl, "x")), Edit(ids[3], (ContentColumn.DemoUrl, "much too long"))],
                context: Waiting(TimeSpan.FromMilliseconds(200)));
            Assert.Equal(["", "NotFound", "RowLocked", "ValueOutOfRange"], ErrorsOf(outcomes));
        }

        Assert.Equal(1, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations where demo_url = 'x'"));
    }

    [PostgresFact]
    public async Task Atomically_all_are_edited_or_none()
    {
        List<Guid> ids = await Database.InsertAsync(250);
        HandoffEdit[] edits = [.. ids.Select(id => Edit(id, (ContentColumn.DemoUrl, "x")))];
        BulkResult<HandoffPreparation> bad = await Content.EditAsync(Replace, [.. edits, Edit(Guid.NewGuid(), (ContentColumn.DemoUrl, "x"))], new BulkOptions(100, IsAtomic: true), HandoffDatabase.Context, CancellationToken.None);
        Assert.False(bad.Committed);
        Assert.Equal(0, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations where demo_url = 'x'"));
        BulkResult<HandoffPreparation> good = await Content.EditAsync(Replace, edits, new BulkOptions(100, IsAtomic: true), HandoffDatabase.Context, CancellationToken.None);
        Assert.True(good.Committed);
        Assert.Equal(ids, good.Outcomes.Select(o => o.Row!.Id));
    }

    [PostgresFact]
    public async Task A_hundred_sessions_that_merge_and_append_to_one_bare_id_lose_nothing()
    {
        Guid id = (await Database.InsertAsync(1))[0];
        await Task.WhenAll(Enumerable.Range(0, 100).Select(n => Task.Run(async () =>
            Assert.Equal(OutcomeKind.Changed, Assert.Single(await EditAsync([Edit(id, (ContentColumn.QualityMetrics, $$"""{"k{{n}}": {{n}}}"""), (ContentColumn.KnownIssues, new[] { $"issue {n}" }))], Both)).Kind))));
        HandoffPreparation row = await Database.ReadAsync(id);
        Assert.Equal(100, ((JsonMap)row.QualityMetrics!).Count);
        Assert.Equal(Enumerable.Range(0, 100).Select(n => $"issue {n}").Order(StringComparer.Ordinal), row.KnownIssues!.Order(StringComparer.Ordinal));
    }

    [PostgresFact]
    public async Task Of_many_who_edit_from_the_same_reading_one_wins_and_the_others_know_it()
    {
        await Database.InsertAsync(1);
        HandoffPreparation read = Assert.Single(await Database.ReadAsync());
        IReadOnlyList<ChangeOutcome<HandoffPreparation>>[] all = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(n => Task.Run(() => EditAsync([Edit(read, (ContentColumn.DemoUrl, $"{n}"))]))));
        ChangeOutcome<HandoffPreparation> winner = Assert.Single(all.SelectMany(o => o), o => o.Kind == OutcomeKind.Changed);
        Assert.Equal(19, all.Count(o => o[0].Error?.ErrorId == LeoErrorId.EditConflict));
        Assert.Equal(winner.Row!.DemoUrl, (await Database.ReadAsync(read.Id)).DemoUrl);
    }
}
