using LeoPS.HelpGenerator.Metadata;
using LeoPS.Units.Help;

namespace LeoPS.Units.Shape;

/// <summary>The rules bite: each finds its breach in a sample that has it, and nothing in one that keeps them all.</summary>
public sealed class RuleTests
{
    private static readonly CmdletMetadata Good = CmdletReader.Read(typeof(SetSampleCommand));
    private static readonly CmdletMetadata Bad = CmdletReader.Read(typeof(BreakingSample));

    public static TheoryData<string, Func<CmdletMetadata, IEnumerable<string>>, int> Rules => new()
    {
        { nameof(CmdletRules.Class), CmdletRules.Class, 2 },
        { nameof(CmdletRules.Verb), CmdletRules.Verb, 1 },
        { nameof(CmdletRules.OutputType), CmdletRules.OutputType, 1 },
        { nameof(CmdletRules.ShouldProcess), CmdletRules.ShouldProcess, 1 },
        { nameof(CmdletRules.Pipeline), CmdletRules.Pipeline, 3 },
        { nameof(CmdletRules.Targets), CmdletRules.Targets, 2 },
        { nameof(CmdletRules.DefaultSet), CmdletRules.DefaultSet, 1 },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Each_rule_finds_its_breach(string name, Func<CmdletMetadata, IEnumerable<string>> rule, int breaches)
    {
        Assert.Empty(rule(Good));
        Assert.True(rule(Bad).Count() == breaches, $"{name}: {string.Join(' ', rule(Bad))}");
    }

    [Fact]
    public void A_database_cmdlet_without_the_common_parameters_is_found() =>
        Assert.Equal(
            ["Set-Sample has no -Connection.", "Set-Sample has no -CommandTimeout."],
            CmdletRules.Database(Good, typeof(SampleCmdlet).FullName!));

    [Fact]
    public void A_parameter_that_two_cmdlets_bind_differently_is_found() =>
        Assert.Equal(["Set-Sample and Change-Everything bind -Status differently."], CmdletRules.Alike(Good, Bad));

    [Fact]
    public void A_model_with_a_constructor_and_a_setter_is_found() =>
        Assert.Equal(2, SurfaceRules.Model(typeof(LooseModel)).Count());

    [Fact]
    public void A_model_without_is_not() => Assert.Empty(SurfaceRules.Model(typeof(TightModel)));

    [Fact]
    public void Exposed_types_are_found_inside_arrays_and_generics() =>
        Assert.Equal(2, SurfaceRules.Exposes(typeof(Exposing), typeof(FactAttribute).Assembly.GetName().Name!).Count());

    private sealed class LooseModel
    {
        public string Name { get; init; } = string.Empty;
    }

    private sealed class TightModel
    {
        private TightModel()
        {
        }

        public string Name { get; private set; } = string.Empty;
    }

    private sealed class Exposing
    {
        public static Dictionary<string, FactAttribute[]>? Nested => null;

        internal static FactAttribute? Hidden => null;
    }
}
