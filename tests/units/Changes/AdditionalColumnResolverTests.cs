using LeoPS.Changes;

namespace LeoPS.Units.Changes;

/// <summary>Which additional columns are written: of those that the user names, that a row brings, and that a copied row has.</summary>
public sealed class AdditionalColumnResolverTests
{
    private static readonly TableColumn[] _live =
    [
        new("id", IsUnique: true), new("rank"), new("tags"), new("code", IsUnique: true), new("total", ColumnSource.Computed),
        new("number", ColumnSource.AlwaysIdentity), new("counter", ColumnSource.Identity),
    ];

    private static readonly AdditionalColumnResolver _resolver = new("t", ["id"], _live);

    [Fact]
    public void Nothing_is_no_column()
    {
        Assert.Same(AdditionalValues.None, _resolver.Resolve(AdditionalColumns.None));
        Assert.Null(_resolver.Fault(AdditionalColumns.None));
        Assert.Empty(_resolver.Resolve(new AdditionalColumns { Given = "{}" }).Columns);
    }

    [Fact]
    public void A_given_column_is_written_as_it_is_even_null_a_unique_one_and_a_default_identity()
    {
        AdditionalValues values = _resolver.Resolve(new AdditionalColumns { Given = """{"rank": 1.50e400, "tags": null, "code": "x", "counter": 7}""" });
        Assert.Equal(["rank", "tags", "code", "counter"], values.Columns);
        Assert.Equal("""{"rank":1.50e400,"tags":null,"code":"x","counter":7}""", values.Json);
    }

    [Theory]
    [InlineData("""{"total": 1}""", "total of table t, and the database computes it")]
    [InlineData("""{"number": 1}""", "GENERATED ALWAYS AS IDENTITY")]
    [InlineData("""{"id": 1}""", "there is a parameter")]
    [InlineData("""{"Rank": 1}""", "table t has no such column")]
    public void A_given_column_that_cannot_be_written_is_refused_by_name(string given, string says)
    {
        LeoException? fault = _resolver.Fault(new AdditionalColumns { Given = given });
        Assert.Equal(LeoErrorId.ValueOutOfRange, fault?.ErrorId);
        Assert.Contains(says, fault!.Message, StringComparison.Ordinal);
        Assert.Same(fault.GetType(), Assert.Throws<LeoException>(() => _resolver.Resolve(new AdditionalColumns { Given = given })).GetType());
    }

    [Fact]
    public void Of_a_row_what_the_database_fills_by_itself_is_left_out() => Assert.Equal(
        ["rank", "code", "counter"],
        _resolver.Resolve(new AdditionalColumns { OfRow = """{"rank": 1, "code": "x", "total": 2, "number": 3, "counter": 4}""" }).Columns);

    [Fact]
    public void Of_a_copied_row_what_tells_it_from_others_is_left_out_too() => Assert.Equal(
        ["rank"],
        _resolver.Resolve(new AdditionalColumns { OfRow = """{"rank": 1, "code": "x", "total": 2, "number": 3, "counter": 4}""", IsCopy = true }).Columns);

    [Fact]
    public void A_given_value_goes_before_the_rows()
    {
        AdditionalValues values = _resolver.Resolve(new AdditionalColumns { OfRow = """{"rank": 1, "code": "x"}""", IsCopy = true, Given = """{"rank": 2, "code": "y"}""" });
        Assert.Equal("""{"rank":2,"code":"y"}""", values.Json);
    }

    [Fact]
    public void A_rows_value_for_a_column_that_is_not_there_is_refused_and_its_null_is_not()
    {
        Assert.Empty(_resolver.Resolve(new AdditionalColumns { OfRow = """{"gone": null}""" }).Columns);
        LeoException? fault = _resolver.Fault(new AdditionalColumns { OfRow = """{"gone": 1}""" });
        Assert.Equal(LeoErrorId.ValueOutOfRange, fault?.ErrorId);
        Assert.Contains("'gone'", fault!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_share_their_columns_share_the_result()
    {
        var shared = new AdditionalColumns { Given = """{"rank": 1}""" };
        Assert.Same(_resolver.Resolve(shared), _resolver.Resolve(shared));
    }
}
