using System.Management.Automation;
using System.Reflection;

namespace LeoPS.Guard;

/// <summary>
/// Speaks for the module's import: two versions of LeoPS.dll cannot live in one process, and the runtime's own message about that says neither which nor what to do.
/// </summary>
public sealed class VersionGuard : IModuleAssemblyInitializer
{
    /// <summary>Refuses the import where another version of LeoPS is loaded.</summary>
    /// <exception cref="InvalidOperationException">Another version is loaded; says which, from where, and what to do.</exception>
    public void OnImport()
    {
        foreach (Assembly assembly in AppDomain.CurrentDomain.GetAssemblies())
        {
            // Not GetName(), which is slow for a hundred assemblies.
            if (assembly.FullName?.StartsWith("LeoPS,", StringComparison.Ordinal) == true)
            {
                Compare(assembly);
            }
        }
    }

    private static void Compare(Assembly loaded)
    {
        string there = VersionOf(loaded);
        string wanted = VersionOf(typeof(VersionGuard).Assembly);
        if (there != wanted)
        {
            string folder = Path.GetDirectoryName(Path.GetDirectoryName(loaded.Location)) ?? loaded.Location;
            throw new InvalidOperationException($"LeoPS {there} is already loaded from '{folder}', and a session can hold one version only; start a new PowerShell session to use {wanted}.");
        }
    }

    /// <summary>The release, such as "0.1.0"; assembly versions are fixed and tell nothing.</summary>
    private static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
