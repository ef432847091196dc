using System.Reflection;
using System.Runtime.Loader;

namespace LeoPS.Composition;

/// <summary>
/// The private context of the storage and its packages. Another module may have loaded any version of Npgsql or
/// Microsoft.Extensions.Logging.Abstractions: here ours is found first, and theirs never sees it.
/// </summary>
internal sealed class StorageLoadContext(string folder) : AssemblyLoadContext(nameof(LeoPS))
{
    private static readonly Assembly _core = typeof(LeoException).Assembly;

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name == _core.GetName().Name)
        {
            return _core;
        }

        string path = Path.Combine(folder, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
