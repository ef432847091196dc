using System.Runtime.CompilerServices;
using Npgsql;

namespace LeoPS.Postgres.Connections;

/// <summary>
/// Settings of the driver's that no connection string can say. An empty value is lost when the driver copies its settings, and for one that is
/// missing it reads PGOPTIONS, which a transaction pooler refuses.
/// </summary>
internal static class DriverSettings
{
    /// <summary>Has the connections of a pool, which has opened none, send no options at startup.</summary>
    public static void SendNoOptions(NpgsqlDataSource source)
    {
        SettingsOf(source).Options = "";
        if (source is NpgsqlMultiHostDataSource hosts)
        {
            Array.ForEach(PoolsOf(hosts), SendNoOptions);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Settings")]
    private static extern NpgsqlConnectionStringBuilder SettingsOf(NpgsqlDataSource source);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Pools")]
    private static extern NpgsqlDataSource[] PoolsOf(NpgsqlMultiHostDataSource source);
}
