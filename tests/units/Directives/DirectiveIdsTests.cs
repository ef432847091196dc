using LeoPS.Directives;

namespace LeoPS.Units.Directives;

public sealed class DirectiveIdsTests
{
    private const string Lower = "0b3f7a52-6f0e-4b0a-9a53-0c1d2e3f4a5b";

    [Fact]
    public void A_uuid_may_be_stored_in_either_case() => Assert.Equal(
        ["0B3f7a52-6f0e-4b0a-9a53-0c1d2e3f4a5b", Lower, "0B3F7A52-6F0E-4B0A-9A53-0C1D2E3F4A5B"],
        DirectiveIds.Spellings("0B3f7a52-6f0e-4b0a-9a53-0c1d2e3f4a5b"));

    [Theory]
    [InlineData("SD-UAT-001")]
    [InlineData("0b3f7a526f0e4b0a9a530c1d2e3f4a5b")]
    [InlineData("{0b3f7a52-6f0e-4b0a-9a53-0c1d2e3f4a5b}")]
    [InlineData("")]
    public void Any_other_name_is_itself_alone(string name) => Assert.Equal([name], DirectiveIds.Spellings(name));

    [Fact]
    public void Uuids_are_equal_in_any_case_and_other_names_are_not()
    {
        var met = new HashSet<string>(DirectiveIds.Comparer) { Lower, "SD-A" };
        Assert.Contains("0B3F7A52-6F0E-4B0A-9A53-0C1D2E3F4A5B", met);
        Assert.DoesNotContain("sd-a", met);
    }
}
