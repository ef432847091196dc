using System.Text.RegularExpressions;
using LeoPS.HelpGenerator;
using LeoPS.HelpGenerator.Metadata;

namespace LeoPS.Units.Shape;

/// <summary>Every cmdlet of LeoPS.dll against the rules..</summary>
public sealed partial class CmdletShapeTests
{
    private static readonly IReadOnlyList<CmdletMetadata> Cmdlets = CmdletReader.ReadAll(ModuleAssemblies.Cmdlets);

    [Fact]
    public void Classes_are_sealed_and_named_after_the_cmdlet() => AssertKept(CmdletRules.Class);

    [Fact]
    public void Files_are_named_after_the_class() => AssertKept(cmdlet =>
        File.Exists(Repository.At("src", "LeoPS", "Commands", $"{cmdlet.Type.Name}.cs"))
            ? []
            : [$"{cmdlet.Name}: there is no src/LeoPS/Commands/{cmdlet.Type.Name}.cs."]);

    [Fact]
    public void Verbs_are_approved() => AssertKept(CmdletRules.Verb);

    [Fact]
    public void Output_types_are_declared() => AssertKept(CmdletRules.OutputType);

    [Fact]
    public void What_writes_supports_ShouldProcess() => AssertKept(CmdletRules.ShouldProcess);

    [Fact]
    public void Only_InputObject_takes_the_piped_object() => AssertKept(CmdletRules.Pipeline);

    [Fact]
    public void Targets_and_filters_of_what_writes_never_bind_from_the_pipe() => AssertKept(CmdletRules.Targets);

    [Fact]
    public void Database_cmdlets_have_the_common_parameters() => AssertKept(CmdletRules.Database);

    [Fact]
    public void Several_parameter_sets_have_a_default() => AssertKept(CmdletRules.DefaultSet);

    [Theory]
    [InlineData("Get-FlowExecution", "Measure-FlowExecution")]
    [InlineData("Get-FlowExecution", "Watch-FlowExecution")]
    [InlineData("Get-FlowExecution", "Get-FlowExecutionHistory", "InputObject")]
    [InlineData("Get-HandoffPreparation", "Measure-HandoffPreparation")]
    [InlineData("Get-HandoffPreparation", "Watch-HandoffPreparation")]
    [InlineData("Get-HandoffPreparation", "Get-HandoffHistory")]
    [InlineData("Restart-FlowExecution", "Wait-FlowExecution")]
    [InlineData("Set-HandoffStatus", "Set-HandoffPreparation")]
    [InlineData("Set-HandoffStatus", "Remove-HandoffPreparation")]
    [InlineData("New-FlowExecution", "Invoke-FlowExecution", "FlowId")]
    public void What_is_declared_twice_binds_alike(string one, string other, params string[] otherwise) =>
        Assert.Equal(
            otherwise.Select(parameter => $"{one} and {other} bind -{parameter} differently."),
            CmdletRules.Alike(Cmdlets.Single(cmdlet => cmdlet.Name == one), Cmdlets.Single(cmdlet => cmdlet.Name == other)));

    [Fact]
    public void The_manifest_exports_exactly_the_cmdlets()
    {
        string manifest = File.ReadAllText(Repository.At("module", "LeoPS.psd1"));
        Match list = ExportPattern().Match(manifest);
        Assert.True(list.Success, "module/LeoPS.psd1 has no CmdletsToExport list.");
        var exported = QuotedPattern().Matches(list.Groups["names"].Value).Select(match => match.Groups["name"].Value);
        Assert.Equal(
            Cmdlets.Select(cmdlet => cmdlet.Name).Order(StringComparer.Ordinal),
            exported.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Help_is_complete_and_up_to_date() =>
        Assert.Empty(new HelpWorkshop(Repository.Root, "LeoPS", Cmdlets).Check());

    private static void AssertKept(Func<CmdletMetadata, IEnumerable<string>> rule) => Assert.Empty(Cmdlets.SelectMany(rule));

    [GeneratedRegex(@"CmdletsToExport\s*=\s*(?<names>'[^']+'(\s*,\s*'[^']+')*)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ExportPattern();

    [GeneratedRegex("['\"](?<name>[^'\"]+)['\"]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex QuotedPattern();
}
