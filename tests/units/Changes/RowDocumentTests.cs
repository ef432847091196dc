using System.Text.Json;
using LeoPS.Changes;

namespace LeoPS.Units.Changes;

public sealed class RowDocumentTests
{
    private static readonly NewColumn[] _columns = [new("id", "a \"b\"\n", IsDefault: false), NewColumn.Of("status", null, "draft"), NewColumn.Of("scope", "", "x")];
    private static readonly TableColumn[] _live = [new("id"), new("status"), new("scope"), new("rank"), new("tags")];

    [Fact]
    public void Each_column_is_a_member()
    {
        RowDocument row = RowDocument.Of(_columns, AdditionalColumns.None, "t", _live);
        Assert.Equal(["id", "status", "scope"], row.Columns);
        Assert.Equal("""{"id":"a \"b\"\n","status":"draft","scope":""}""", row.Json);
    }

    [Fact]
    public void A_default_for_a_column_that_is_not_there_is_left_out_and_a_given_value_is_not()
    {
        // What somebody gave must not be lost without a word: the server then says which column it misses.
        RowDocument row = RowDocument.Of(_columns, AdditionalColumns.None, "t", [new("id")]);
        Assert.Equal(["id", "scope"], row.Columns);
    }

    [Fact]
    public void Further_columns_keep_every_digit_and_null_is_written()
    {
        RowDocument row = RowDocument.Of(_columns, new AdditionalColumns { Given = """{"rank": 1.50e400, "tags": null}""" }, "t", _live);
        Assert.Equal(["id", "status", "scope", "rank", "tags"], row.Columns);
        Assert.EndsWith("""
            ,"rank":1.50e400,"tags":null}
            """, row.Json, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(row.Json).RootElement.ValueKind);
    }

    [Theory]
    [InlineData("""{"status": "x"}""", LeoErrorId.ValueOutOfRange, "status")]
    [InlineData("""{"Rank": 1}""", LeoErrorId.ValueOutOfRange, "'Rank'")]
    [InlineData("""{"nowhere": 1}""", LeoErrorId.ValueOutOfRange, "table t has no such column")]
    [InlineData("[1]", LeoErrorId.InvalidJson, "no object")]
    [InlineData("null", LeoErrorId.InvalidJson, "no object")]
    [InlineData("\"rank\"", LeoErrorId.InvalidJson, "no object")]
    public void What_is_no_further_column_is_refused(string additional, LeoErrorId errorId, string says)
    {
        LeoException error = Assert.Throws<LeoException>(() => RowDocument.Of(_columns, new AdditionalColumns { Given = additional }, "t", _live));
        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }
}
