using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>Handoffs that are put back from their lines.</summary>
public sealed class RestoreTests(PostgresServer server) : ContentTest(server)
{
    [PostgresFact]
    public async Task Ten_thousand_rows_come_back_to_the_byte()
    {
        await Database.InsertAsync(
            10_000,
            "ready",
            ("quality_metrics", """case n % 5 when 0 then null when 1 then 'null' when 2 then '{"big": 1e400, "a": 0.1, "b": 1.10, "c": 12345678901234567890, "tiny": 1e-300}' when 3 then '{"K": 1, "k": 2, "nested": {"x": [1, null, {}]}}' else to_jsonb(n) end"""),
            ("test_results", """case n % 3 when 0 then '[1, "2", null]'::jsonb when 1 then '"text \u00e9 \ud83d\ude00"' else '{}' end"""),
            ("demo_url", """case n % 4 when 0 then null when 1 then '' when 2 then E'it''s "quoted" \\ \t \r\n 🚀' else 'https://x/' || n end"""),
            ("deliverables_manifest", """case n % 4 when 0 then null when 1 then '{}' when 2 then array['a', null, '', 'NULL', '"', '\', '{x}'] else array['f' || n] end"""),
            ("known_issues", """case n % 2 when 0 then array[null]::text[] else array[repeat('é', n % 50)] end"""),
            ("post_implementation_notes", "case n % 7 when 0 then null else repeat(E'line\\n', n % 7) end"),
            ("prepared_at", "case n % 6 when 0 then null else now() - n * interval '1.000001 s' end"),
            ("sent_at", "case n % 3 when 0 then timestamptz '0001-01-01 00:00:00Z' when 1 then timestamptz '9999-12-31 23:59:59.999999Z' else null end"),
            ("response_at", "case n % 2 when 0 then timestamptz '1999-12-31 23:59:59.999999Z' end"),
            ("updated_at", "case n % 5 when 0 then null else now() + n * interval '1 us' end"));
        await Database.RunAsync("update exec_handoff_preparations set handoff_status = (array['preparing', 'ready', 'sent', 'accepted', 'rejected'])[1 + length(id::text || implementation_summary) % 5], implementation_summary = case implementation_summary when 'Summary 5' then '' else implementation_summary end");
        List<string> before = await RowsAsync();
        string[] lines = [.. (await Database.ReadAsync()).Select(HandoffJson.Line)];
        await Database.RunAsync("delete from exec_handoff_preparations");
        foreach (string[] part in lines.OrderBy(_ => Guid.NewGuid()).Chunk(1000))
        {
            IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await CreateAsync(part.Select(HandoffLine.Parse), Restoring);
            AssertEach.Of(outcomes, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
            Assert.Equal(part.Select(Bare), outcomes.Select(o => Bare(HandoffJson.Line(o.Row!))));
        }

        Assert.Equal(before, await RowsAsync());
    }

    [PostgresFact]
    public async Task Whose_id_is_there_is_left_alone_and_the_others_are_put_back()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        HandoffDraft[] drafts = [.. (await Database.ReadAsync()).Select(r => HandoffLine.Parse(HandoffJson.Line(r)))];
        await Database.RunAsync($"delete from exec_handoff_preparations where id <> '{ids[1]}'; update exec_handoff_preparations set implementation_summary = 'as it is'");
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await CreateAsync(drafts, Restoring);
        ChangeOutcome<HandoffPreparation> failed = SingleFailure(outcomes, LeoErrorId.StatusConflict);
        Assert.Same(drafts[1].Source, failed.Source);
        Assert.Contains(ids[1].ToString(), failed.Error!.Message, StringComparison.Ordinal);
        Assert.Equal("as it is", (await Database.ReadAsync(ids[1])).ImplementationSummary);
        Assert.Equal(3, (await Database.ReadAsync()).Count);
    }

    [PostgresFact]
    public async Task What_it_belonged_to_has_to_be_there_by_its_id()
    {
        await Database.InsertAsync(1);
        HandoffDraft draft = HandoffLine.Parse(HandoffJson.Line(Assert.Single(await Database.ReadAsync())));
        await Database.RunAsync("delete from exec_handoff_preparations");
        await AddDirectiveAsync("SD-OTHER", "SD-GONE", "active");
        HandoffDraft[] drafts = [draft with { Sd = "SD-GONE" }, draft with { Id = Guid.NewGuid(), SessionId = Guid.NewGuid() }, draft with { Id = Guid.NewGuid(), Sd = "SD-OTHER" }];
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await CreateAsync(drafts, Restoring);
        // A directive that is not the session's is put back as it was: the database holds such rows.
        Assert.Equal(["ReferenceNotFound", "ReferenceNotFound", ""], ErrorsOf(outcomes));
        Assert.Contains("SD-GONE", outcomes[0].Error!.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_value_that_no_jsonb_holds_fails_its_row_alone()
    {
        await Database.InsertAsync(3);
        HandoffDraft[] drafts = [.. (await Database.ReadAsync()).Select(r => HandoffLine.Parse(HandoffJson.Line(r)))];
        await Database.RunAsync("delete from exec_handoff_preparations");
        drafts[1].Values[ContentColumn.QualityMetrics] = "\"\\u0000\"";
        Assert.Equal(["", "InvalidJson", ""], ErrorsOf(await CreateAsync(drafts, Restoring)));
    }

    [PostgresFact]
    public async Task One_that_row_level_security_hides_is_told_to_be_there()
    {
        await Database.InsertAsync(2);
        HandoffDraft[] drafts = [.. (await Database.ReadAsync()).Select(r => HandoffLine.Parse(HandoffJson.Line(r)))];
        await Database.RunAsync($"""
            delete from exec_handoff_preparations where id = '{drafts[1].Id}';
            update exec_handoff_preparations set implementation_summary = 'secret';
            create policy own on exec_handoff_preparations to authenticated using (implementation_summary <> 'secret');
            drop policy exec_handoff_preparations_select on exec_handoff_preparations
            """);
        await using var member = await Database.OpenAsMemberAsync("authenticated");
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await CreateAsync(drafts, Restoring, store: member.Handoffs);
        Assert.Equal(["StatusConflict", ""], ErrorsOf(outcomes));
        Assert.Contains("hidden from role authenticated_login", outcomes[0].Error!.Message, StringComparison.Ordinal);
    }

    /// <summary>A line without its version, which is the only thing that a row does not get back.</summary>
    private static string Bare(string line) => System.Text.RegularExpressions.Regex.Replace(line, ",\"RowVersion\":[0-9]+}$", "}", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));
}
