namespace LeoPS;

/// <summary>How the server end of a connection is shared.</summary>
public enum PoolerMode
{
    /// <summary>A connection keeps its server session (a direct server, or a pooler in session mode).</summary>
    Session,

    /// <summary>Each transaction may run on another server session: nothing may outlive a transaction.</summary>
    Transaction,
}
