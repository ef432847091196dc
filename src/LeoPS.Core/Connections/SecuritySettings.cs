namespace LeoPS;

/// <summary>How client and server prove to each other who they are, beside password, sslmode and root certificate. Null where nothing was said.</summary>
public sealed record SecuritySettings
{
    /// <summary>The client's certificate: a PEM or PFX file; null for none.</summary>
    public string? Certificate { get; init; }

    /// <summary>The file of its key; null where the certificate's own file holds it.</summary>
    public string? CertificateKey { get; init; }

    /// <summary>The password of the key; null for none. Never shown.</summary>
    public string? CertificateKeyPassword { get; init; }

    /// <summary>libpq's sslcertmode (disable, allow); "disable" sends no certificate.</summary>
    public string? CertificateMode { get; init; }

    /// <summary>libpq's sslnegotiation (postgres, direct).</summary>
    public string? Negotiation { get; init; }

    /// <summary>The lowest TLS version: TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3.</summary>
    public string? MinimumTls { get; init; }

    /// <summary>The highest TLS version: TLSv1.2 or TLSv1.3.</summary>
    public string? MaximumTls { get; init; }

    /// <summary>libpq's channel_binding (disable, prefer, require).</summary>
    public string? ChannelBinding { get; init; }

    /// <summary>libpq's require_auth: login methods separated by commas, or each with a '!' before it.</summary>
    public string? RequireAuth { get; init; }

    /// <summary>The Kerberos service name.</summary>
    public string? KerberosService { get; init; }

    /// <summary>True where the user wants the connection encrypted, and said nothing of how (PGREQUIRESSL).</summary>
    internal bool RequiresTls { get; init; }

    /// <summary>These, and what they leave unsaid from others that count less.</summary>
    internal SecuritySettings FilledFrom(SecuritySettings other) => this with
    {
        Certificate = Certificate ?? other.Certificate,
        CertificateKey = CertificateKey ?? other.CertificateKey,
        CertificateKeyPassword = CertificateKeyPassword ?? other.CertificateKeyPassword,
        CertificateMode = CertificateMode ?? other.CertificateMode,
        Negotiation = Negotiation ?? other.Negotiation,
        MinimumTls = MinimumTls ?? other.MinimumTls,
        MaximumTls = MaximumTls ?? other.MaximumTls,
        ChannelBinding = ChannelBinding ?? other.ChannelBinding,
        RequireAuth = RequireAuth ?? other.RequireAuth,
        KerberosService = KerberosService ?? other.KerberosService,
        RequiresTls = RequiresTls || other.RequiresTls,
    };

    /// <summary>The type's name: the parts hold a secret.</summary>
    public override string ToString() => nameof(SecuritySettings);
}
