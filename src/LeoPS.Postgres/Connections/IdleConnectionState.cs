namespace LeoPS.Postgres.Connections;

/// <summary>What is known of a connection that was idle.</summary>
internal enum IdleConnectionState
{
    /// <summary>Nothing says that it is dead.</summary>
    Usable,

    /// <summary>The server or the network closed it.</summary>
    Closed,

    /// <summary>The server does not answer on it.</summary>
    Silent,
}
