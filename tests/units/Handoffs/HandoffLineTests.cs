using System.Text;
using LeoPS.Handoffs;

namespace LeoPS.Units.Handoffs;

public sealed class HandoffLineTests
{
    private const string Whole =
        """{"Id":"0f8fad5b-d9cb-469f-a165-70867728950e","SessionId":"7c9e6679-7425-40de-944b-e07fc1f90ae7","SdId":"s","HandoffStatus":"Ready","ImplementationSummary":"done"}""";

    [Fact]
    public void A_line_gives_back_what_the_row_had()
    {
        HandoffPreparation row = SampleHandoff.Full();
        HandoffDraft draft = HandoffLine.Parse(HandoffJson.Line(row));

        Assert.Equal((row.Id, row.SessionId, row.SdId), (draft.Id, draft.SessionId, draft.Sd));
        Assert.Equal(new RestoredState(HandoffStatus.Sent, row.PreparedAt, row.SentAt, row.ResponseAt, row.CreatedAt, row.UpdatedAt), draft.State);
        Assert.Equal(
            [row.ImplementationSummary, row.RawQualityMetrics, row.RawTestResults, row.RawPerformanceBenchmarks, row.RawSecurityValidation, row.RawAccessibilityCompliance,
                row.DemoUrl, row.DocumentationUrl, row.TestReportUrl, row.DeliverablesManifest!.ToArray(), row.KnownIssues!.ToArray(), row.PostImplementationNotes],
            ContentColumn.All.Select(c => draft.Values[c]));
        Assert.Equal(HandoffJson.Line(row), draft.Source);
    }

    [Fact]
    public void What_is_absent_is_null_and_a_null_of_json_is_that()
    {
        HandoffDraft draft = HandoffLine.Parse(Whole.Replace("\"done\"", "\"\",\"QualityMetrics\":null,\"DemoUrl\":null,\"KnownIssues\":null,\"SentAt\":null", StringComparison.Ordinal));

        Assert.Equal("", draft.Values[ContentColumn.ImplementationSummary]);
        Assert.Equal("null", draft.Values[ContentColumn.QualityMetrics]);
        AssertEach.Of(ContentColumn.All.Skip(2), column => Assert.Null(draft.Values[column]));
        AssertEach.Of(ContentColumn.All, column => Assert.True(draft.Values.Has(column)));
        Assert.Equal(new RestoredState(HandoffStatus.Ready, null, null, null, null, null), draft.State);
    }

    [Theory]
    [InlineData("1e400")]
    [InlineData("1.10")]
    [InlineData("12345678901234567890")]
    [InlineData("""{"Key": 1, "key": 2, "a": [0.1, null]}""")]
    public void Json_keeps_every_character(string raw)
    {
        HandoffPreparation row = SampleHandoff.Bare();
        row.RawQualityMetrics = raw;

        Assert.Equal(raw, HandoffLine.Parse(HandoffJson.Line(row)).Values[ContentColumn.QualityMetrics]);
    }

    [Fact]
    public void Json_may_be_as_deep_as_a_column_may_hold()
    {
        HandoffPreparation row = SampleHandoff.Bare();
        row.RawTestResults = new string('[', JsonValue.MaxDepth) + new string(']', JsonValue.MaxDepth);

        Assert.Equal(row.RawTestResults, HandoffLine.Parse(HandoffJson.Line(row)).Values[ContentColumn.TestResults]);
    }

    [Property]
    public bool Whatever_the_texts_and_times_they_come_back(string? summary, string? notes, string?[]? issues, DateTimeOffset at)
    {
        HandoffPreparation row = SampleHandoff.Bare();
        row.ImplementationSummary = Holdable(summary) ?? "";
        row.PostImplementationNotes = Holdable(notes);
        row.KnownIssues = issues is null ? null : new TextArray(Array.ConvertAll(issues, Holdable));
        row.UpdatedAt = at.AddTicks(-(at.Ticks % 10));
        HandoffDraft draft = HandoffLine.Parse(HandoffJson.Line(row));
        return (string?)draft.Values[ContentColumn.ImplementationSummary] == row.ImplementationSummary
            && (string?)draft.Values[ContentColumn.PostImplementationNotes] == row.PostImplementationNotes
            && (row.KnownIssues is null ? draft.Values[ContentColumn.KnownIssues] is null : row.KnownIssues.SequenceEqual((string?[])draft.Values[ContentColumn.KnownIssues]!))
            && draft.State!.UpdatedAt == row.UpdatedAt;
    }

    [Fact]
    public void Times_do_not_follow_the_user_s_culture()
    {
        string line = HandoffJson.Line(SampleHandoff.Full());

        Assert.Equal(HandoffLine.Parse(line).State, Elsewhere.Run(() => HandoffLine.Parse(line).State));
    }

    [Theory]
    [InlineData("", LeoErrorId.InvalidJson, "line 1, byte 1")]
    [InlineData("nothing", LeoErrorId.InvalidJson, "line 1")]
    [InlineData("[]", LeoErrorId.InvalidJson, "no JSON object")]
    [InlineData("{\"Id\":", LeoErrorId.InvalidJson, "not valid JSON")]
    [InlineData("{}\n{}", LeoErrorId.InvalidJson, "one line at a time")]
    [InlineData("{}", LeoErrorId.InvalidIdentity, "has no Id")]
    public void What_is_no_line_of_a_handoff_is_refused(string line, LeoErrorId errorId, string says) => Refused(line, errorId, says);

    [Theory]
    [InlineData("\"Id\":\"0f8fad5b-d9cb-469f-a165-70867728950e\"", "\"Id\":7", "Id of the line is not a GUID")]
    [InlineData("\"Id\":\"0f8fad5b-d9cb-469f-a165-70867728950e\"", "\"Id\":\"00000000-0000-0000-0000-000000000000\"", "Id of the line is not a GUID")]
    [InlineData("\"SessionId\":\"7c9e6679-7425-40de-944b-e07fc1f90ae7\",", "", "has no SessionId")]
    [InlineData("\"SdId\":\"s\",", "", "has no SdId")]
    [InlineData("\"SdId\":\"s\"", "\"SdId\":null", "has no SdId")]
    [InlineData("\"HandoffStatus\":\"Ready\",", "", "has no HandoffStatus")]
    [InlineData("\"HandoffStatus\":\"Ready\"", "\"HandoffStatus\":\"Done\"", "one of Preparing, Ready")]
    [InlineData(",\"ImplementationSummary\":\"done\"", "", "has no ImplementationSummary")]
    [InlineData("\"done\"", "7", "ImplementationSummary of the line is not a text")]
    [InlineData("\"done\"", "\"a\\u0000b\"", "NUL")]
    [InlineData("\"done\"", "\"a\\ud800b\"", "whole characters")]
    [InlineData("\"done\"", "\"done\",\"KnownIssues\":\"a\"", "KnownIssues of the line is not a JSON array")]
    [InlineData("\"done\"", "\"done\",\"KnownIssues\":[[]]", "KnownIssues of the line is not a text")]
    [InlineData("\"done\"", "\"done\",\"SentAt\":\"yesterday\"", "SentAt of the line is not a time")]
    [InlineData("\"done\"", "\"done\",\"SentAt\":5", "SentAt of the line is not a text")]
    [InlineData("\"done\"", "\"done\",\"Owner\":\"me\"", "key 'Owner'")]
    [InlineData("\"done\"", "\"done\",\"qualityMetrics\":{}", "Perhaps QualityMetrics is meant")]
    public void A_handoff_is_put_back_as_it_was_or_not_at_all(string what, string by, string says) =>
        Refused(Whole.Replace(what, by, StringComparison.Ordinal), LeoErrorId.ValueOutOfRange, says);

    [Fact]
    public void Half_of_a_character_is_refused() => Refused(Whole.Replace("done", "\ud83d", StringComparison.Ordinal), LeoErrorId.InvalidJson, "half of a surrogate pair");

    [Fact]
    public void Columns_that_the_contract_does_not_list_and_the_version_are_passed_over() =>
        Assert.NotNull(HandoffLine.Parse(Whole.Replace("\"done\"", "\"done\",\"RowVersion\":7,\"AdditionalColumns\":{\"a\":[1]},\"SdKey\":\"k\",\"SdTitle\":\"t\"", StringComparison.Ordinal)));

    private static void Refused(string line, LeoErrorId errorId, string says)
    {
        LeoException error = Assert.Throws<LeoException>(() => HandoffLine.Parse(line));
        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    /// <summary>What a text column can hold: whole characters and no NUL.</summary>
    private static string? Holdable(string? text) => text is null ? null : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace("\0", "", StringComparison.Ordinal);
}
