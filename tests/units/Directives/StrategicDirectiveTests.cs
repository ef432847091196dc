using System.Text.Json;
using LeoPS.Directives;
using LeoPS.Reading;

namespace LeoPS.Units.Directives;

public sealed class StrategicDirectiveTests
{
    public static TheoryData<DirectiveOrder, object?> Keys => new()
    {
        { DirectiveOrder.Id, "SD-UAT-001" },
        { DirectiveOrder.SdKey, "UAT-KEY" },
        { DirectiveOrder.Title, "Acceptance \"tests\" 🎉" },
        { DirectiveOrder.Status, "active" },
        { DirectiveOrder.Category, "quality" },
        { DirectiveOrder.Priority, "high" },
        { DirectiveOrder.CreatedAt, SampleDirective.At },
        { DirectiveOrder.UpdatedAt, SampleDirective.At.AddDays(1) },
    };

    [Fact]
    public void Every_order_is_listed() => Assert.Equal(Enum.GetValues<DirectiveOrder>(), Keys.Select(row => (DirectiveOrder)row[0]!));

    [Theory]
    [MemberData(nameof(Keys))]
    public void It_knows_its_place_in_every_order_by_a_text_id(DirectiveOrder order, object? key) =>
        Assert.Equal(new ResumePoint("SD-UAT-001", KeyKnown: true, key), ResumePoint.After(SampleDirective.Full(), order));

    [Fact]
    public void Its_name_is_its_key_or_else_its_id()
    {
        Assert.Equal("UAT-KEY", SampleDirective.Full().ToString());
        Assert.Equal("SD-UAT-001", SampleDirective.Full(key: null).ToString());
        Assert.Equal("SD-UAT-001", SampleDirective.Full().SdId);
    }

    [Fact]
    public void Columns_that_nobody_knows_read_as_an_object_and_none_as_an_empty_one()
    {
        Assert.Equal(["sequence_rank"], ((JsonMap)SampleDirective.Full().AdditionalColumns).Keys.Cast<string>());
        Assert.Equal("{}", new StrategicDirective().AdditionalColumns.ToString());
    }

    [Fact]
    public void A_line_holds_every_column_and_leaves_out_what_is_null()
    {
        JsonElement line = JsonDocument.Parse(DirectiveJson.Line(SampleDirective.Full())).RootElement;
        Assert.Equal(
            ["Id", "SdId", "SdKey", "Title", "Status", "Category", "Priority", "Description", "Rationale", "Scope", "CreatedAt", "UpdatedAt", "RowVersion", "AdditionalColumns"],
            line.EnumerateObject().Select(p => p.Name));
        Assert.Equal("Line one\nLine two", line.GetProperty("Description").GetString());
        Assert.Equal("2026-01-10T03:37:46.396001Z", line.GetProperty("CreatedAt").GetString());
        Assert.Equal("12345678901234567890", line.GetProperty("AdditionalColumns").GetProperty("sequence_rank").GetRawText());
        Assert.Equal(["Id", "SdId"], JsonDocument.Parse(DirectiveJson.Line(new StrategicDirective())).RootElement.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void Nothing_but_names_selects_until_another_condition_is_there()
    {
        Assert.True(new DirectiveFilter { Names = ["a"] }.OnlyNames);
        Assert.False(new DirectiveFilter { Names = ["a"], Statuses = ["draft"] }.OnlyNames);
        Assert.False(new DirectiveFilter { Names = ["a"], SdIds = ["a*"] }.OnlyNames);
    }
}
