using System.Collections.Concurrent;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace LeoPS.Composition;

/// <summary>Open connections by name, for the process, and the default one of each runspace.</summary>
internal static class ConnectionRegistry
{
    private static readonly ConcurrentDictionary<string, LeoConnection> _byName = new(StringComparer.OrdinalIgnoreCase);
    private static readonly ConditionalWeakTable<Runspace, LeoConnection> _defaults = [];

    /// <summary>True once Connect-LeoDatabase ran in this process: from then on the environment is never used implicitly.</summary>
    public static bool EverConnected { get; private set; }

    public static IReadOnlyList<LeoConnection> All => [.. _byName.Values.OrderBy(c => c.OpenedAt)];

    /// <summary>The default of the calling runspace; null where it has none.</summary>
    public static LeoConnection? Default =>
        _defaults.TryGetValue(Runspace.DefaultRunspace, out LeoConnection? connection) && connection.IsOpen ? connection : null;

    public static LeoConnection? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Makes a connection known under its name, and the calling runspace's default. One of the same name is closed.</summary>
    public static void Add(LeoConnection connection, bool explicitly)
    {
        EverConnected |= explicitly;
        LeoConnection? before = null;
        _byName.AddOrUpdate(connection.Name, connection, (_, old) =>
        {
            before = old;
            return connection;
        });
        before?.Close();
        _defaults.AddOrUpdate(Runspace.DefaultRunspace, connection);
    }

    public static void Remove(LeoConnection connection)
    {
        _byName.TryRemove(new KeyValuePair<string, LeoConnection>(connection.Name, connection));
        connection.Close();
        if (_defaults.TryGetValue(Runspace.DefaultRunspace, out LeoConnection? own) && own == connection)
        {
            _defaults.Remove(Runspace.DefaultRunspace);
        }
    }

    /// <summary>A name that no open connection has.</summary>
    public static string FreeName(ConnectionSettings settings)
    {
        string stem = $"{settings.Database ?? settings.UserName}@{settings.Host}";
        string name = stem;
        for (int i = 2; _byName.ContainsKey(name); i++)
        {
            name = $"{stem}#{i}";
        }

        return name;
    }
}
