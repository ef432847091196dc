using System.Reflection;
using LeoPS.Reading;
using LeoPS.Units.Shape;

namespace LeoPS.Units.Flows;

public sealed class FlowTests
{
    private static readonly string[] Columns =
    [
        "id", "flow_key", "flow_name", "description", "flow_definition", "status", "version", "created_by", "tags", "metadata",
        "execution_count", "last_executed_at", "created_at", "updated_at",
    ];

    public static TheoryData<FlowOrder, object?> Keys => new()
    {
        { FlowOrder.Id, SampleFlow.Full().Id },
        { FlowOrder.FlowKey, "weekly-board-meeting" },
        { FlowOrder.LastExecutedAt, SampleFlow.At },
        { FlowOrder.ExecutionCount, 20 },
        { FlowOrder.CreatedAt, SampleFlow.At.AddDays(-1) },
        { FlowOrder.UpdatedAt, SampleFlow.At.AddDays(1) },
    };

    [Fact]
    public void There_is_one_property_per_column_and_a_few_beside()
    {
        IEnumerable<string> expected = Columns
            .Select(column => string.Concat(column.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..])))
            .Concat(["FlowId", "AdditionalColumns", "RowVersion", "ContentHash"]);
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            typeof(Flow).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Nobody_makes_one_or_changes_one() => Assert.Empty(SurfaceRules.Model(typeof(Flow)));

    [Fact]
    public void The_id_answers_to_the_name_by_which_runs_refer_to_it() => Assert.Equal(SampleFlow.Full().Id, SampleFlow.Full().FlowId);

    [Fact]
    public void Json_columns_read_as_objects()
    {
        Flow row = SampleFlow.Full();
        Assert.Equal(1.10m, Assert.IsType<JsonList>(Assert.IsType<JsonMap>(row.FlowDefinition)["nodes"])[0]);
        Assert.Null(row.Metadata);
        Assert.Equal("exec", Assert.IsType<JsonMap>(row.AdditionalColumns)["owner"]);
        Assert.Empty(Assert.IsType<JsonMap>(SampleFlow.Bare().AdditionalColumns));
    }

    [Fact]
    public void The_text_is_the_key() => Assert.Equal("weekly-board-meeting", SampleFlow.Full().ToString());

    [Fact]
    public void Every_order_is_listed() => Assert.Equal(Enum.GetValues<FlowOrder>(), Keys.Select(row => (FlowOrder)row[0]!));

    [Theory]
    [MemberData(nameof(Keys))]
    public void An_object_knows_its_place_in_every_order(FlowOrder order, object? key)
    {
        Assert.Equal(new ResumePoint(SampleFlow.Full().Id, KeyKnown: true, key), ResumePoint.After(SampleFlow.Full(), order));
        Assert.Throws<ArgumentOutOfRangeException>(() => ResumePoint.After(SampleFlow.Full(), (FlowOrder)99));
    }
}
