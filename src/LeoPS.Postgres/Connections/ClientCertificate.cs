using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LeoPS.Postgres.Connections;

/// <summary>The client's certificate, which the driver reads from its files at each handshake.</summary>
internal static class ClientCertificate
{
    /// <summary>Reads it once ahead of the driver, whose exceptions name neither the file nor what to do.</summary>
    /// <exception cref="LeoException">ConnectionFailed where it cannot be read.</exception>
    public static void Check(ConnectionSettings settings)
    {
        SecuritySettings security = settings.Security;
        if (security.Certificate is not { } path || security.CertificateMode == "disable" || TlsPolicy.Of(settings).Mode == "disable")
        {
            return;
        }

        try
        {
            using X509Certificate2 read = Read(path, security.CertificateKey ?? path, security.CertificateKeyPassword);
            if (!read.HasPrivateKey)
            {
                throw Unusable(path, security.CertificateKey, "it has no private key");
            }
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw Unusable(path, security.CertificateKey, Redaction.Redact(unread.Message.TrimEnd('.')));
        }
    }

    private static X509Certificate2 Read(string path, string key, string? password)
    {
        if (string.Equals(Path.GetExtension(path), ".pfx", StringComparison.OrdinalIgnoreCase))
        {
            return new X509Certificate2(path, password);
        }

        return string.IsNullOrEmpty(password)
            ? X509Certificate2.CreateFromPemFile(path, key)
            : X509Certificate2.CreateFromEncryptedPemFile(path, password, key);
    }

    private static LeoException Unusable(string path, string? key, string reason) => new(
        LeoErrorId.ConnectionFailed,
        $"The client certificate {Redaction.Redact(path)}{(key is null ? "" : $" with the key {Redaction.Redact(key)}")} cannot be used: {reason}. "
        + "Check sslcert, sslkey and sslpassword (PGSSLCERT, PGSSLKEY), or leave it out with sslcertmode=disable.");
}
