namespace LeoPS;

/// <summary>The server's own answer to who is connected to what.</summary>
/// <param name="Database">current_database().</param>
/// <param name="UserName">session_user.</param>
/// <param name="Role">current_user, once the settings' role is assumed.</param>
/// <param name="ServerVersion">server_version, such as "15.18".</param>
/// <param name="Encrypted">True where the connection is TLS.</param>
public sealed record ServerIdentity(string Database, string UserName, string Role, string ServerVersion, bool Encrypted)
{
    /// <summary>True where row level security does not bind the role: a superuser, or one with BYPASSRLS.</summary>
    public bool BypassesRowSecurity { get; init; }
}
