namespace LeoPS;

/// <summary>What a profile comes to.</summary>
/// <param name="Settings">Where and how to connect.</param>
/// <param name="SecretName">The name of the secret that holds the password; null where it comes from elsewhere.</param>
/// <param name="Vault">The vault of the secret; null for the default one.</param>
public sealed record ProfileSettings(ConnectionSettings Settings, string? SecretName, string? Vault);
