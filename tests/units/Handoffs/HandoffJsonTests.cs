using System.Globalization;
using System.Text;
using System.Text.Json;
using LeoPS.Handoffs;

namespace LeoPS.Units.Handoffs;

public sealed class HandoffJsonTests
{
    [Fact]
    public void A_line_holds_every_column()
    {
        JsonElement line = Read(SampleHandoff.Full());

        Assert.Equal("0f8fad5b-d9cb-469f-a165-70867728950e", line.GetProperty("Id").GetString());
        Assert.Equal("7c9e6679-7425-40de-944b-e07fc1f90ae7", line.GetProperty("SessionId").GetString());
        Assert.Equal("9f5b8c1e", line.GetProperty("SdId").GetString());
        Assert.Equal("SD-UAT-001", line.GetProperty("SdKey").GetString());
        Assert.Equal("Acceptance \"tests\"", line.GetProperty("SdTitle").GetString());
        Assert.Equal("Sent", line.GetProperty("HandoffStatus").GetString());
        Assert.Equal("Line one\nLine two: 100 % \\ 🎉", line.GetProperty("ImplementationSummary").GetString());
        Assert.Equal("https://demo.example/a?b=c", line.GetProperty("DemoUrl").GetString());
        Assert.Equal("https://docs.example", line.GetProperty("DocumentationUrl").GetString());
        Assert.Equal("https://tests.example", line.GetProperty("TestReportUrl").GetString());
        Assert.Equal(["src/a.cs", null, "with \"quotes\""], line.GetProperty("DeliverablesManifest").EnumerateArray().Select(item => item.GetString()));
        Assert.Equal(0, line.GetProperty("KnownIssues").GetArrayLength());
        Assert.Equal("notes", line.GetProperty("PostImplementationNotes").GetString());
        Assert.Equal(uint.MaxValue, line.GetProperty("RowVersion").GetUInt32());
        Assert.Equal("exec", line.GetProperty("AdditionalColumns").GetProperty("owner").GetString());
    }

    [Fact]
    public void Times_are_utc_with_microseconds()
    {
        HandoffPreparation row = SampleHandoff.Full();
        row.SentAt = new DateTimeOffset(2026, 3, 1, 1, 0, 0, TimeSpan.FromHours(2));
        JsonElement line = Read(row);

        Assert.Equal("2026-01-10T03:37:46.396001Z", line.GetProperty("PreparedAt").GetString());
        Assert.Equal("2026-02-28T23:00:00.000000Z", line.GetProperty("SentAt").GetString());
        Assert.Equal("2026-01-12T03:37:46.396001Z", line.GetProperty("ResponseAt").GetString());
        Assert.Equal("2026-01-09T03:37:46.396001Z", line.GetProperty("CreatedAt").GetString());
        Assert.Equal("2026-01-13T03:37:46.396001Z", line.GetProperty("UpdatedAt").GetString());
    }

    /// <summary>As in Finland, where a time is written 3.37.46.</summary>
    [Fact]
    public void Times_do_not_follow_the_user_s_culture()
    {
        string here = HandoffJson.Line(SampleHandoff.Full());

        Assert.Equal(here, Elsewhere.Run(() => HandoffJson.Line(SampleHandoff.Full())));
    }

    [Theory]
    [InlineData("1e400")]
    [InlineData("1.10")]
    [InlineData("12345678901234567890")]
    [InlineData("-0.0")]
    [InlineData("\"\\u0041 \\ud83d\\ude00\"")]
    [InlineData("{\"a\":{\"b\":[1.0,null,true]}}")]
    [InlineData("{\"Key\": 1, \"key\": 2, \"KEY\": 3}")]
    [InlineData("null")]
    [InlineData("{}")]
    public void Json_columns_stand_there_as_they_are(string raw)
    {
        HandoffPreparation row = SampleHandoff.Bare();
        row.RawQualityMetrics = raw;
        row.RawTestResults = raw;
        row.RawPerformanceBenchmarks = raw;
        row.RawSecurityValidation = raw;
        row.RawAccessibilityCompliance = raw;
        row.RawAdditionalColumns = raw;
        JsonElement line = Read(row);

        AssertEach.Of(
            ["QualityMetrics", "TestResults", "PerformanceBenchmarks", "SecurityValidation", "AccessibilityCompliance", "AdditionalColumns"],
            column => Assert.Equal(raw, line.GetProperty(column).GetRawText()));
    }

    [Fact]
    public void Sql_null_is_absent_and_json_null_is_null()
    {
        HandoffPreparation row = SampleHandoff.Bare();
        row.RawQualityMetrics = "null";
        JsonElement line = Read(row);

        Assert.Equal(JsonValueKind.Null, line.GetProperty("QualityMetrics").ValueKind);
        Assert.Equal(
            ["Id", "SessionId", "SdId", "HandoffStatus", "ImplementationSummary", "QualityMetrics"],
            line.EnumerateObject().Select(property => property.Name));
        Assert.Equal("", line.GetProperty("ImplementationSummary").GetString());
    }

    [Property]
    public bool Whatever_the_texts_it_is_one_line_of_json_that_gives_them_back(string? summary, string? notes, string?[]? issues, DateTimeOffset at)
    {
        HandoffPreparation row = SampleHandoff.Bare();
        row.ImplementationSummary = Whole(summary) ?? "";
        row.PostImplementationNotes = Whole(notes);
        row.KnownIssues = issues is null ? null : new TextArray(Array.ConvertAll(issues, Whole));
        row.PreparedAt = at;
        string line = HandoffJson.Line(row);
        JsonElement read = Read(row);
        string? readNotes = read.TryGetProperty("PostImplementationNotes", out JsonElement text) ? text.GetString() : null;
        IEnumerable<string?>? readIssues = read.TryGetProperty("KnownIssues", out JsonElement items) ? items.EnumerateArray().Select(item => item.GetString()) : null;
        return line.AsSpan().IndexOfAny('\r', '\n') < 0
            && read.GetProperty("ImplementationSummary").GetString() == row.ImplementationSummary
            && readNotes == row.PostImplementationNotes
            && (row.KnownIssues is null ? readIssues is null : readIssues!.SequenceEqual(row.KnownIssues))
            && DateTimeOffset.Parse(read.GetProperty("PreparedAt").GetString()!, CultureInfo.InvariantCulture).UtcTicks / 10 == at.UtcTicks / 10;
    }

    /// <summary>PostgreSQL holds whole characters only; half of a surrogate pair cannot come from there.</summary>
    private static string? Whole(string? text) => text is null ? null : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static JsonElement Read(HandoffPreparation row)
    {
        // Through bytes, as a file would have it.
        byte[] bytes = Encoding.UTF8.GetBytes(HandoffJson.Line(row));
        using JsonDocument document = JsonDocument.Parse(bytes);
        return document.RootElement.Clone();
    }
}
