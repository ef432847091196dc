using System.Collections.Concurrent;

namespace LeoPS.Postgres.Owners;

/// <summary>The keepers of this process, one per database and the way in which it is connected to, however many connections there are.</summary>
internal static class RunKeepers
{
    private static readonly ConcurrentDictionary<ConnectionSettings, RunKeeper> _keepers = new();

    /// <summary>The keeper for a connection. It has no session until a run is owned.</summary>
    public static RunKeeper For(ConnectionSettings settings)
    {
        // What matters for whom we are, and not how the user said it.
        ConnectionSettings key = settings with { Source = "", Notes = [], UnknownKeys = [], ReadOnly = false, ConnectTimeout = TimeSpan.FromSeconds(5), CommandTimeout = TimeSpan.Zero };
        return _keepers.GetOrAdd(key, s => s.PoolerMode == PoolerMode.Transaction ? new HeartbeatKeeper(s) : new LockKeeper(s));
    }
}
