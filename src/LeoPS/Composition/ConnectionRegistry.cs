using System.Collections.Concurrent;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using LeoPS.Ports;

namespace LeoPS.Composition;

/// <summary>Open connections by name, for the process, and the default one of each runspace.</summary>
internal static class ConnectionRegistry
{
    private static readonly ConcurrentDictionary<string, LeoConnection> _byName = new(StringComparer.OrdinalIgnoreCase);
    private static readonly ConditionalWeakTable<Runspace, RunspaceConnections> _ofRunspace = [];

    /// <summary>True once Connect-LeoDatabase ran in this process: from then on the environment is never used implicitly.</summary>
    public static bool EverConnected { get; private set; }

    public static IReadOnlyList<LeoConnection> All => [.. _byName.Values.OrderBy(c => c.OpenedAt)];

    /// <summary>The default of the calling runspace; null where it has none.</summary>
    public static LeoConnection? Default => OfRunspace() is { Default: { IsOpen: true } connection } ? connection : null;

    /// <summary>Why the calling runspace has no connection to use, and what to do.</summary>
    public static LeoException NotConnected() =>
        LeoErrors.NotConnected(EverConnected, [.. All.Select(c => c.Name)], OfRunspace()?.Default?.Name);

    public static LeoConnection? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Makes a connection known under its name, and the calling runspace's default.</summary>
    /// <param name="name">The name, one that has it already being closed; null for one that no open connection has.</param>
    /// <param name="settings">Where it is connected to.</param>
    /// <param name="database">The database; the connection's from now on.</param>
    /// <param name="explicitly">True where the user asked for it.</param>
    public static LeoConnection Add(string? name, ConnectionSettings settings, ILeoDatabase database, bool explicitly)
    {
        EverConnected |= explicitly;
        LeoConnection connection = name is null ? AddFree(settings, database) : Replace(new LeoConnection(name, settings, database));
        _ofRunspace.GetOrCreateValue(Runspace.DefaultRunspace).Add(connection, explicitly);
        return connection;
    }

    /// <summary>Closes a connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="fallBack">
    /// True where, if it was the calling runspace's default, the one that this runspace opened before it and that is still open is the
    /// default again.
    /// </param>
    public static void Remove(LeoConnection connection, bool fallBack)
    {
        _byName.TryRemove(new KeyValuePair<string, LeoConnection>(connection.Name, connection));
        connection.Close();
        if (fallBack && OfRunspace() is { } own && own.Default == connection)
        {
            own.FallBack();
        }
    }

    private static RunspaceConnections? OfRunspace() => _ofRunspace.TryGetValue(Runspace.DefaultRunspace, out RunspaceConnections? own) ? own : null;

    private static LeoConnection Replace(LeoConnection connection)
    {
        LeoConnection? before = null;
        _byName.AddOrUpdate(connection.Name, connection, (_, old) =>
        {
            before = old;
            return connection;
        });
        before?.Close();
        return connection;
    }

    /// <summary>Takes a name and makes it known in one: several runspaces may connect at the same moment.</summary>
    internal static LeoConnection AddFree(ConnectionSettings settings, ILeoDatabase database)
    {
        string stem = $"{settings.Database ?? settings.UserName}@{settings.Host}";
        for (int i = 1; ; i++)
        {
            var connection = new LeoConnection(i == 1 ? stem : $"{stem}#{i}", settings, database);
            if (_byName.TryAdd(connection.Name, connection))
            {
                return connection;
            }
        }
    }

    /// <summary>The connections that one runspace opened; the last one is its default.</summary>
    private sealed class RunspaceConnections
    {
        private readonly List<(LeoConnection Connection, bool Explicitly)> _opened = [];

        /// <summary>The default, which may be closed meanwhile; null before the first.</summary>
        public LeoConnection? Default => _opened.Count == 0 ? null : _opened[^1].Connection;

        public void Add(LeoConnection connection, bool explicitly)
        {
            // No script falls back onto a connection that the environment chose.
            _opened.RemoveAll(o => !o.Connection.IsOpen || !o.Explicitly);
            _opened.Add((connection, explicitly));
        }

        /// <summary>The most recent one that is open is the default again; where none is, the closed one stays, for messages.</summary>
        public void FallBack()
        {
            if (_opened.Exists(o => o.Connection.IsOpen))
            {
                _opened.RemoveAll(o => !o.Connection.IsOpen);
            }
        }
    }
}
