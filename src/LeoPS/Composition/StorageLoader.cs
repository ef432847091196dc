using System.Reflection;
using LeoPS.Ports;

namespace LeoPS.Composition;

/// <summary>The one place that names the storage assembly. It is loaded when first needed, not on import.</summary>
internal static class StorageLoader
{
    private static readonly Lazy<IStorage> _storage = new(Load);

    public static IStorage Storage => _storage.Value;

    private static IStorage Load()
    {
        string module = Path.GetDirectoryName(Path.GetDirectoryName(typeof(StorageLoader).Assembly.Location)!)!;
        string folder = Path.Combine(module, "lib");
        Assembly assembly = new StorageLoadContext(folder).LoadFromAssemblyPath(Path.Combine(folder, "LeoPS.Postgres.dll"));
        return (IStorage)Activator.CreateInstance(assembly.GetType("LeoPS.Postgres.PostgresStorage", throwOnError: true)!)!;
    }
}
