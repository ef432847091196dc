namespace LeoPS;

/// <summary>A named place to connect to, out of the user's file of profiles. It holds no secret; it may say where one is kept.</summary>
internal sealed class ConnectionProfile(string name, ConnectionParts parts)
{
    /// <summary>Its name, as the file writes it.</summary>
    public string Name => name;

    /// <summary>What it says in the keys of a connection string.</summary>
    public ConnectionParts Parts => parts;

    /// <summary>True where nothing may be written.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>How the server end is shared; null where it is not said.</summary>
    public PoolerMode? PoolerMode { get; set; }

    /// <summary>The role to assume; null for none.</summary>
    public string? Role { get; set; }

    /// <summary>The name of the secret that holds the password; null where it comes from elsewhere.</summary>
    public string? SecretName { get; set; }

    /// <summary>The vault of the secret; null for the default one.</summary>
    public string? Vault { get; set; }
}
