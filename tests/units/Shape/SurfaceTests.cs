namespace LeoPS.Units.Shape;

/// <summary>What LeoPS.dll and LeoPS.Core.dll show to the outside.</summary>
public sealed class SurfaceTests
{
    private static readonly Type[] Models =
    [
        typeof(HandoffPreparation), typeof(FlowExecution), typeof(Flow), typeof(StrategicDirective), typeof(ImplementationSession),
        typeof(HandoffMeasure), typeof(ExecutionMeasure),
    ];

    [Theory]
    [InlineData("Npgsql")]
    [InlineData("LeoPS.Postgres")]
    public void Storage_is_not_referenced(string name) =>
        Assert.Empty(ModuleAssemblies.Public
            .Where(assembly => assembly.GetReferencedAssemblies().Any(reference => reference.Name == name))
            .Select(assembly => $"{assembly.GetName().Name} references {name}."));

    [Fact]
    public void No_public_type_shows_a_type_of_Npgsql() =>
        Assert.Empty(ModuleAssemblies.Public
            .SelectMany(assembly => assembly.GetExportedTypes())
            .SelectMany(type => SurfaceRules.Exposes(type, "Npgsql")));

    [Fact]
    public void Core_needs_nothing_but_the_runtime() =>
        AssertEach.Of(
            // netstandard is the runtime's too; what measures coverage puts it there.
            ModuleAssemblies.Core.GetReferencedAssemblies().Select(reference => reference.Name!).Where(name => name != "netstandard"),
            name => Assert.True(name.StartsWith("System.", StringComparison.Ordinal) && name != "System.Management.Automation", $"LeoPS.Core references {name}."));

    [Fact]
    public void Models_have_no_public_constructor_and_no_setter() =>
        Assert.Empty(Models.SelectMany(SurfaceRules.Model));
}
