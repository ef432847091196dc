using LeoPS.Flows;

namespace LeoPS.Units.Flows;

public sealed class FlowValuesTests
{
    private static readonly NewFlow Good = new() { FlowKey = "k", Values = new FlowValues { FlowName = "n", FlowDefinition = "{}", Given = FlowFields.FlowName | FlowFields.FlowDefinition } };

    [Fact]
    public void What_columns_hold_passes_as_it_is()
    {
        FlowValues values = Good.Values with { Description = "", Tags = ["", null, "ü 🚀"], Version = int.MinValue, Given = (FlowFields)255 };
        NewFlow flow = Good with { FlowKey = "k", Values = values };
        Assert.Same(flow, flow.Check());
        Assert.Same(values, values.Check());
    }

    [Fact]
    public void Characters_are_counted_as_the_server_counts_them()
    {
        // An emoji is two chars to .NET and one character to PostgreSQL.
        _ = (Good with { FlowKey = Repeat("🚀", 100), Values = Good.Values with { FlowName = Repeat("🚀", 200) } }).Check();
        Assert.Contains("101 characters", Refusal(Good with { FlowKey = Repeat("🚀", 101) }), StringComparison.Ordinal);
        Assert.Contains("201 characters", Refusal(Good with { Values = Good.Values with { FlowName = Repeat("n", 201) } }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "-FlowKey is empty")]
    [InlineData(" \t", "-FlowKey is blank")]
    [InlineData("a\0b", "-FlowKey holds a NUL character")]
    public void A_key_that_no_column_holds_is_refused_before_the_server_is_asked(string key, string message) =>
        Assert.StartsWith(message, Refusal(Good with { FlowKey = key }), StringComparison.Ordinal);

    [Fact]
    public void Half_a_character_is_refused_too() =>
        Assert.StartsWith("-FlowKey holds half of a surrogate pair", Refusal(Good with { FlowKey = "a\ud800b" }), StringComparison.Ordinal);

    [Fact]
    public void A_name_that_is_too_long_is_shown_shortened() =>
        Assert.InRange(Refusal(Good with { Values = Good.Values with { FlowName = Repeat("n", 1_000_000) } }).Length, 50, 400);

    [Fact]
    public void What_may_not_be_null_is_refused_where_it_is_given_and_ignored_where_it_is_not()
    {
        Assert.Contains("-FlowName", Refusal(Good with { Values = Good.Values with { FlowName = null } }), StringComparison.Ordinal);
        Assert.Contains("-FlowDefinition", Refusal(Good with { Values = Good.Values with { FlowDefinition = null } }), StringComparison.Ordinal);
        _ = new FlowValues { Given = FlowFields.Description | FlowFields.Metadata | FlowFields.Tags | FlowFields.Version }.Check();
    }

    [Fact]
    public void Texts_of_other_columns_are_looked_at_too()
    {
        Assert.StartsWith("-Description holds a NUL", Refusal(Good with { Values = Good.Values with { Description = "\0" } }), StringComparison.Ordinal);
        Assert.StartsWith("-Tag holds half", Refusal(Good with { Values = Good.Values with { Tags = ["good", null, "\udc00"] } }), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_to_write_is_refused_and_names_what_there_is()
    {
        string message = Assert.Throws<LeoException>(() => new FlowValues { FlowName = "not given" }.RequireAny(hasAdditional: false)).Message;
        AssertEach.Of(["-FlowName", "-Description", "-FlowDefinition", "-Status", "-Version", "-Tag", "-Metadata", "-AdditionalColumns"], p => Assert.Contains(p, message, StringComparison.Ordinal));
        new FlowValues { Given = FlowFields.Description }.RequireAny(hasAdditional: false);
        new FlowValues().RequireAny(hasAdditional: true);
    }

    [Fact]
    public void The_columns_that_have_a_value_are_known()
    {
        Assert.Equal(FlowFields.None, new FlowValues().NotNull);
        Assert.Equal(
            (FlowFields)255,
            new FlowValues { FlowName = "", Description = "", FlowDefinition = "", Status = FlowStatus.Draft, Version = 0, Tags = [], Metadata = "", CreatedBy = Guid.Empty }.NotNull);
        Assert.Equal(FlowFields.Version | FlowFields.Tags, new FlowValues { Version = 1, Tags = [] }.NotNull);
        Assert.Equal(255, Enum.GetValues<FlowFields>().Sum(f => (int)f));
    }

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    private static string Refusal(NewFlow flow)
    {
        LeoException refusal = Assert.Throws<LeoException>(flow.Check);
        Assert.Equal(LeoErrorId.ValueOutOfRange, refusal.ErrorId);
        return refusal.Message;
    }
}
