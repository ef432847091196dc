using LeoPS.Ports;

namespace LeoPS;

/// <summary>An open connection to a database: a name, who is at the other end, and a pool behind it. Holds no secret that can be read.</summary>
public sealed class LeoConnection
{
    private readonly ILeoDatabase _database;
    private int _closed;

    internal LeoConnection(string name, ConnectionSettings settings, ILeoDatabase database)
    {
        _database = database;
        Name = name;
        HostName = settings.Host;
        Port = settings.Port;
        Source = settings.Source;
        ReadOnly = settings.ReadOnly;
        PoolerMode = settings.PoolerMode;
        UserId = settings.Claims?.UserId;
        OpenedAt = DateTimeOffset.UtcNow;
    }

    /// <summary>The name by which -Connection finds it in any runspace of the process.</summary>
    public string Name { get; }

    /// <summary>Host as connected to.</summary>
    public string HostName { get; }

    /// <summary>TCP port.</summary>
    public int Port { get; }

    /// <summary>current_database().</summary>
    public string Database => _database.Server.Database;

    /// <summary>session_user.</summary>
    public string UserName => _database.Server.UserName;

    /// <summary>The role in force.</summary>
    public string Role => _database.Server.Role;

    /// <summary>The user on whose behalf each transaction runs, as auth.uid() tells it; null where none was named.</summary>
    public Guid? UserId { get; }

    /// <summary>server_version.</summary>
    public string ServerVersion => _database.Server.ServerVersion;

    /// <summary>True where the connection is TLS.</summary>
    public bool Encrypted => _database.Server.Encrypted;

    /// <summary>True where no cmdlet can write through it.</summary>
    public bool ReadOnly { get; }

    /// <summary>How the server end is shared.</summary>
    public PoolerMode PoolerMode { get; }

    /// <summary>Where the settings came from: "-Uri", "DATABASE_URL", "sandbox".</summary>
    public string Source { get; }

    /// <summary>When it was opened, UTC, by this machine's clock.</summary>
    public DateTimeOffset OpenedAt { get; }

    /// <summary>False once it was disconnected.</summary>
    public bool IsOpen => _closed == 0;

    /// <summary>The database behind it.</summary>
    /// <exception cref="LeoException">NotConnected where it was disconnected.</exception>
    internal ILeoDatabase Open() => IsOpen
        ? _database
        : throw new LeoException(LeoErrorId.NotConnected, $"Connection {Name} was disconnected. Run Connect-LeoDatabase again.");

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    /// <summary>Closes the pool; statements that run are not waited for.</summary>
    internal void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            // Off the caller's thread: closing sockets may have to wait for a server that does not answer.
            _ = Task.Run(async () => await _database.DisposeAsync().ConfigureAwait(false));
        }
    }
}
