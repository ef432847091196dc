using LeoPS.Directives;

namespace LeoPS.Units.Directives;

/// <summary>Who stands in the way of a new directive is named, and a name means one directive.</summary>
public sealed class DirectiveVerdictTests
{
    private static readonly NewDirective _wanted = new() { Id = "id-1", SdKey = "key-1", Title = "t" };

    [Fact]
    public void Nobody_is_no_obstacle() => Assert.Null(DirectiveVerdict.Obstacle(_wanted, []));

    [Theory]
    [InlineData("other", "key-1", "key key-1 is taken by strategic directive key-1 (other)", "Choose another key")]
    [InlineData("id-1", "other", "id id-1 is taken by strategic directive other (id-1)", "another one with -Id")]
    [InlineData("key-1", "other", "key key-1 is the id of strategic directive other (key-1)", "choose another key")]
    [InlineData("other", "id-1", "id id-1 is the key of strategic directive id-1 (other)", "another id with -Id")]
    public void Whoever_has_the_name_is_named(string id, string key, string says, string advice)
    {
        LeoException? error = DirectiveVerdict.Obstacle(_wanted, [SampleDirective.Full(id, key)]);
        Assert.Equal(LeoErrorId.ValueOutOfRange, error?.ErrorId);
        AssertEach.Of([says, advice, "'Acceptance \"tests\" 🎉', active"], s => Assert.Contains(s, error!.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void The_one_with_the_same_key_is_named_first_wherever_it_comes()
    {
        LeoException? error = DirectiveVerdict.Obstacle(_wanted, [SampleDirective.Full("id-1", "a"), SampleDirective.Full("b", "key-1")]);
        Assert.Contains("key-1 (b)", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directive_whose_id_is_its_key_is_named_once() =>
        Assert.Contains("directive key-1, '", DirectiveVerdict.Obstacle(_wanted, [SampleDirective.Full("key-1", "key-1")])!.Message, StringComparison.Ordinal);

    [Fact]
    public void A_directive_without_title_and_status_is_named_too() => Assert.Contains(
        "directive id-1, '', without a status", DirectiveVerdict.Obstacle(_wanted, [new StrategicDirective { Id = "id-1" }])!.Message, StringComparison.Ordinal);
}
