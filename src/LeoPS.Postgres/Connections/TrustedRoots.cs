using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LeoPS.Postgres.Connections;

/// <summary>The authorities whose certificates are trusted.</summary>
internal static class TrustedRoots
{
    private const string CertificateText = "-----BEGIN CERTIFICATE-----";

    /// <summary>Loads the authorities of a policy; null leaves it to the operating system.</summary>
    /// <exception cref="LeoException">ConnectionFailed where the file is not there or holds no certificate.</exception>
    public static X509Certificate2Collection? Load(TlsPolicy policy)
    {
        if (policy.Check == CertificateCheck.NotVerified || policy.RootCertificate == TlsPolicy.SystemAuthorities)
        {
            return null;
        }

        string? given = policy.RootCertificate;
        if (given is not null && given.Contains(TlsPolicy.CertificateText, StringComparison.Ordinal))
        {
            // Variables that went through a file of them have their line ends as \n in letters.
            return Read(given.Replace("\\n", "\n", StringComparison.Ordinal), "The root certificate that was given as text");
        }

        if ((given ?? UsersFile()) is not { } path)
        {
            return null;
        }

        string shown = $"The root certificate file {Redaction.Redact(path)}";
        try
        {
            return Read(File.ReadAllText(path), shown);
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            throw new LeoException(
                LeoErrorId.ConnectionFailed,
                $"{shown} {(unread is FileNotFoundException or DirectoryNotFoundException ? "does not exist" : "cannot be read")}, so nobody can be trusted. Check -RootCertificate, sslrootcert, PGSSLROOTCERT and SUPABASE_SSL_CA; a full path is the safest.");
        }
    }

    /// <summary>libpq's own place for it, where the user has put one there.</summary>
    private static string? UsersFile()
    {
        string? home = Environment.GetEnvironmentVariable(OperatingSystem.IsWindows() ? "APPDATA" : "HOME");
        string? path = home is null ? null : Path.Combine(home, OperatingSystem.IsWindows() ? "postgresql" : ".postgresql", "root.crt");
        return File.Exists(path) ? path : null;
    }

    private static X509Certificate2Collection Read(string text, string shown)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPem(text);
        }
        catch (CryptographicException)
        {
            // Nothing of it counts: the message below says what is wanted.
            roots.Clear();
        }

        return roots.Count > 0
            ? roots
            : throw new LeoException(LeoErrorId.ConnectionFailed, $"{shown} holds no certificate in PEM form, which begins with {CertificateText}. Convert it: openssl x509 -inform der -in ca.cer -out ca.crt.");
    }
}
