using System.Reflection;

namespace LeoPS.Units.Shape;

/// <summary>The assemblies whose shape is tested.</summary>
internal static class ModuleAssemblies
{
    /// <summary>LeoPS.dll.</summary>
    public static Assembly Cmdlets { get; } = Assembly.Load("LeoPS");

    /// <summary>LeoPS.Core.dll.</summary>
    public static Assembly Core { get; } = typeof(LeoException).Assembly;

    /// <summary>Both: what a user's session sees.</summary>
    public static IReadOnlyList<Assembly> Public { get; } = [Cmdlets, Core];
}
