using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>Every column's values as they come out.</summary>
public sealed class ReadValueTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    private const string Nasty = "quotes ' \" `, % _ \\ \\n, tab\t, lines\r\n and \n, emoji 🚀👩‍👩‍👧, ü, $1, {a,\"b\"}, NULL, '; drop table x; --";

    [PostgresFact]
    public async Task Every_column_round_trips_at_its_ordinary_values()
    {
        Guid id = (await Database.InsertAsync(1, "sent"))[0];
        await Database.RunAsync($$"""
            update exec_handoff_preparations set implementation_summary = 's', quality_metrics = '{"q": 1}', test_results = '{"t": 2}', performance_benchmarks = '{"p": 3}',
              security_validation = '{"s": 4}', accessibility_compliance = '{"a": 5}', demo_url = 'd', documentation_url = 'o', test_report_url = 'r',
              deliverables_manifest = '{m1,m2}', known_issues = '{k1}', post_implementation_notes = 'n',
              prepared_at = '2026-01-01Z', sent_at = '2026-01-02Z', response_at = '2026-01-03Z', created_at = '2026-01-04Z', updated_at = '2026-01-05Z'
            """);
        HandoffPreparation row = await Database.ReadAsync(id);
        Assert.Equal((id, HandoffDatabase.SessionId, HandoffDatabase.SdId, HandoffStatus.Sent, HandoffStatus.Sent), (row.Id, row.SessionId, row.SdId, row.HandoffStatus, row.Status));
        Assert.Equal(("s", "d", "o", "r", "n"), (row.ImplementationSummary, row.DemoUrl, row.DocumentationUrl, row.TestReportUrl, row.PostImplementationNotes));
        Assert.Equal(
            ["""{"q": 1}""", """{"t": 2}""", """{"p": 3}""", """{"s": 4}""", """{"a": 5}"""],
            [row.RawQualityMetrics!, row.RawTestResults!, row.RawPerformanceBenchmarks!, row.RawSecurityValidation!, row.RawAccessibilityCompliance!]);
        Assert.Equal(("[\"m1\",\"m2\"]", "[\"k1\"]"), (row.DeliverablesManifest!.ToString(), row.KnownIssues!.ToString()));
        Assert.Equal([1, 2, 3, 4, 5], new[] { row.PreparedAt, row.SentAt, row.ResponseAt, row.CreatedAt, row.UpdatedAt }.Select(t => t!.Value.Day));
        AssertEach.Of([row.PreparedAt, row.SentAt, row.ResponseAt, row.CreatedAt, row.UpdatedAt], t => Assert.Equal(TimeSpan.Zero, t!.Value.Offset));
        Assert.Equal(await Database.ScalarAsync<string>("select xmin::text from exec_handoff_preparations"), row.RowVersion.ToString());
        Assert.Equal("{}", row.AdditionalColumns.ToString());
    }

    [PostgresFact]
    public async Task Every_column_that_may_be_null_reads_as_null()
    {
        Guid id = (await Database.InsertAsync(1))[0];
        await Database.RunAsync("""
            update exec_handoff_preparations set quality_metrics = null, test_results = null, performance_benchmarks = null, security_validation = null,
              accessibility_compliance = null, prepared_at = null, created_at = null, updated_at = null
            """);
        HandoffPreparation row = await Database.ReadAsync(id);
        AssertEach.Of(
            [
                row.QualityMetrics, row.TestResults, row.PerformanceBenchmarks, row.SecurityValidation, row.AccessibilityCompliance, row.DemoUrl, row.DocumentationUrl,
                row.TestReportUrl, row.DeliverablesManifest, row.KnownIssues, row.PostImplementationNotes, row.PreparedAt, row.SentAt, row.ResponseAt, row.CreatedAt, row.UpdatedAt,
            ],
            Assert.Null);
    }

    [PostgresTheory]
    [InlineData("implementation_summary")]
    [InlineData("demo_url")]
    [InlineData("documentation_url")]
    [InlineData("test_report_url")]
    [InlineData("post_implementation_notes")]
    public async Task Texts_are_whole_whatever_they_hold(string column)
    {
        List<Guid> ids = await Database.InsertAsync(3);
        string[] texts = [Nasty, "", string.Concat(Enumerable.Repeat("🚀x'", 262_144))];
        for (int i = 0; i < texts.Length; i++)
        {
            await SetAsync(ids[i], column, texts[i], NpgsqlDbType.Text);
        }

        List<HandoffPreparation> rows = await Database.ReadAsync();
        Assert.Equal(texts, rows.Select(row => column switch
        {
            "implementation_summary" => row.ImplementationSummary,
            "demo_url" => row.DemoUrl,
            "documentation_url" => row.DocumentationUrl,
            "test_report_url" => row.TestReportUrl,
            _ => row.PostImplementationNotes,
        }));
    }

    [PostgresTheory]
    [InlineData("deliverables_manifest")]
    [InlineData("known_issues")]
    public async Task Arrays_keep_nulls_empties_and_texts(string column)
    {
        List<Guid> ids = await Database.InsertAsync(3);
        string?[][] arrays = [[], [null, "", "NULL", "null", Nasty, null], [.. Enumerable.Range(0, 5000).Select(i => $"item {i}")]];
        for (int i = 0; i < arrays.Length; i++)
        {
            await SetAsync(ids[i], column, arrays[i], NpgsqlDbType.Array | NpgsqlDbType.Text);
        }

        foreach ((HandoffPreparation row, string?[] expected) in (await Database.ReadAsync()).Zip(arrays))
        {
            Assert.Equal(expected, (column == "known_issues" ? row.KnownIssues : row.DeliverablesManifest)!);
        }
    }

    [PostgresTheory]
    [InlineData("1e400", "1" + "0000000000")]
    [InlineData("0.1", "0.1")]
    [InlineData("1.10", "1.10")]
    [InlineData("12345678901234567890", "12345678901234567890")]
    [InlineData("-0.0", null)]
    [InlineData("null", "null")]
    [InlineData("\"a \\\"quoted\\\" \\\\ 🚀\"", "\"a \\\"quoted\\\" \\\\ 🚀\"")]
    [InlineData("[1, [2, {\"a\": null}], \"x\"]", "[1, [2, {\"a\": null}], \"x\"]")]
    public async Task Json_keeps_its_raw_text(string json, string? begins)
    {
        Guid id = (await Database.InsertAsync(1))[0];
        await SetAsync(id, "quality_metrics", json, NpgsqlDbType.Jsonb);
        HandoffPreparation row = await Database.ReadAsync(id);
        Assert.Equal(await Database.ScalarAsync<string>("select quality_metrics::text from exec_handoff_preparations"), row.RawQualityMetrics);
        Assert.StartsWith(begins ?? "", row.RawQualityMetrics, StringComparison.Ordinal);
        object? expected = json switch
        {
            "0.1" => 0.1m,
            "1.10" => 1.10m,
            "12345678901234567890" => 12345678901234567890m,
            _ => row.QualityMetrics,
        };
        Assert.Equal(expected, row.QualityMetrics);
        Assert.Equal(json == "null", row.QualityMetrics is null);
    }

    [PostgresTheory]
    [InlineData("2026-03-01 12:34:56.123457Z")]
    [InlineData("0001-01-01 00:00:00.000000Z")]
    [InlineData("0001-01-01 00:00:00.000001Z")]
    [InlineData("1582-10-10 00:00:00.000000Z")]
    [InlineData("1999-12-31 23:59:59.999999Z")]
    [InlineData("9999-12-31 23:59:59.999999Z")]
    public async Task Times_are_exact_to_the_microsecond(string time)
    {
        Guid id = (await Database.InsertAsync(1))[0];
        await Database.RunAsync($"update exec_handoff_preparations set prepared_at = '{time}', sent_at = '{time}', response_at = '{time}', created_at = '{time}', updated_at = '{time}'");
        HandoffPreparation row = await Database.ReadAsync(id);
        AssertEach.Of(
            [row.PreparedAt, row.SentAt, row.ResponseAt, row.CreatedAt, row.UpdatedAt],
            t => Assert.Equal(time, t!.Value.ToString("yyyy-MM-dd HH:mm:ss.ffffff'Z'")));
    }

    [PostgresTheory]
    [InlineData("prepared_at", "'infinity'", "infinity")]
    [InlineData("sent_at", "'-infinity'", "-infinity")]
    [InlineData("response_at", "'10000-01-01Z'", "9999")]
    [InlineData("created_at", "'0001-12-31 23:59:59.999999Z BC'", "years 1 to")]
    [InlineData("updated_at", "'294276-12-31Z'", "9999")]
    [InlineData("updated_at", "'4713-01-01Z BC'", "years 1 to")]
    [InlineData("deliverables_manifest", "array[['a','b'],['c','d']]", "dimension")]
    [InlineData("known_issues", "array[[['a']]]", "dimension")]
    public async Task An_unreadable_value_is_that_rows_error_and_the_stream_goes_on(string column, string value, string why)
    {
        List<Guid> ids = await Database.InsertAsync(1200);
        Guid bad = ids[700];
        await Database.RunAsync($"update exec_handoff_preparations set {column} = {value} where id = '{bad}'");
        List<ReadItem<HandoffPreparation>> items = await Database.ReadItemsAsync();
        Assert.Equal(ids, items.ConvertAll(i => i.Row.Id));
        LeoException error = Assert.Single(items, i => i.Error is not null).Error!;
        Assert.Equal(LeoErrorId.UnreadableRow, error.ErrorId);
        Assert.Contains(bad.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains(column, error.Message, StringComparison.Ordinal);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Equal("Summary", items[700].Row.ImplementationSummary.Split(' ')[0]);
    }

    [PostgresFact]
    public async Task An_array_whose_first_index_is_not_one_is_read()
    {
        await Database.InsertAsync(1, "ready", ("known_issues", "'[3:4]={a,b}'"));
        Assert.Equal(["a", "b"], Assert.Single(await Database.ReadAsync()).KnownIssues!);
    }

    [PostgresFact]
    public async Task A_status_of_a_later_version_makes_the_row_unreadable()
    {
        await Database.RunAsync("alter table exec_handoff_preparations drop constraint exec_handoff_preparations_handoff_status_check");
        Guid good = (await Database.InsertAsync(1))[0];
        Guid bad = (await Database.InsertAsync(1, "withdrawn"))[0];
        List<ReadItem<HandoffPreparation>> items = await Database.ReadItemsAsync();
        Assert.Null(items.Single(i => i.Row.Id == good).Error);
        LeoException error = items.Single(i => i.Row.Id == bad).Error!;
        Assert.Equal(LeoErrorId.UnreadableRow, error.ErrorId);
        Assert.Contains("handoff_status", error.Message, StringComparison.Ordinal);
    }

    private async Task SetAsync(Guid id, string column, object value, NpgsqlDbType type)
    {
        await using NpgsqlConnection connection = await Database.ConnectAsync();
        await using var command = new NpgsqlCommand($"update exec_handoff_preparations set {column} = $1 where id = $2", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = type });
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }
}
