using System.Runtime.CompilerServices;

namespace LeoPS;

/// <summary>
/// How a connection is secured: libpq's sslmode where one was said; where none was, TLS with everything verified, except for this machine's own
/// servers, which get TLS where they offer it.
/// </summary>
public sealed class TlsPolicy
{
    /// <summary>What stands for the authorities that the operating system trusts, in place of a file.</summary>
    public const string SystemAuthorities = "system";

    internal const string CertificateText = "-----BEGIN";

    private const string Disable = "disable";
    private const string Prefer = "prefer";
    private const string Require = "require";
    private const string VerifyAuthority = "verify-ca";
    private const string VerifyFull = "verify-full";

    private static readonly ConditionalWeakTable<ConnectionSettings, TlsPolicy> _ofSettings = [];

    private TlsPolicy(string mode, string? rootCertificate, string? warning)
    {
        Mode = mode;
        RootCertificate = rootCertificate;
        Warning = warning;
    }

    /// <summary>libpq's modes, from the weakest to the strongest.</summary>
    internal static IReadOnlyList<string> Modes { get; } = [Disable, "allow", Prefer, Require, VerifyAuthority, VerifyFull];

    /// <summary>The sslmode in force: one of disable, allow, prefer, require, verify-ca, verify-full.</summary>
    public string Mode { get; }

    /// <summary>What is checked of the server's certificate.</summary>
    public CertificateCheck Check => Mode switch
    {
        VerifyFull => CertificateCheck.AuthorityAndHostName,
        VerifyAuthority => CertificateCheck.Authority,
        _ => CertificateCheck.NotVerified,
    };

    /// <summary>The authorities to trust: a file's path, or PEM text itself; null for the user's own file of them, and otherwise the system's.</summary>
    public string? RootCertificate { get; }

    /// <summary>What the user gives up by the mode that was chosen, to be told once; null where nothing is.</summary>
    public string? Warning { get; }

    /// <summary>Whose trust counts, for messages.</summary>
    internal string TrustedByWhom => RootCertificate switch
    {
        null or SystemAuthorities => "this system",
        _ when RootCertificate.Contains(CertificateText, StringComparison.Ordinal) => "the certificate that was given",
        _ => $"the file {RootCertificate}",
    };

    /// <summary>The policy of settings.</summary>
    /// <exception cref="LeoException">ConnectionFailed where sslmode is none, or goes against the root certificate.</exception>
    public static TlsPolicy Of(ConnectionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return _ofSettings.GetValue(settings, Make);
    }

    private static TlsPolicy Make(ConnectionSettings settings)
    {
        IReadOnlyList<ConnectionHost> hosts = settings.Hosts;
        string? root = settings.RootCertificate;
        if (hosts.All(h => h.IsSocket))
        {
            // Who may open the socket's file is the protection there, and no server speaks TLS on one.
            CheckSecurity(settings.Security with { Negotiation = null }, Disable);
            return new TlsPolicy(Disable, root, null);
        }

        bool local = hosts.All(h => h.IsLocal);
        bool system = root == SystemAuthorities;
        string mode = settings.SslMode ?? (!local || system ? VerifyFull : settings.Security.RequiresTls ? Require : Prefer);
        if (!Modes.Contains(mode))
        {
            throw Unusable($"sslmode is none of {string.Join(", ", Modes)}");
        }

        if (system && mode != VerifyFull)
        {
            throw Unusable("sslrootcert=system trusts every public authority, and so works with sslmode=verify-full only");
        }

        CheckSecurity(settings.Security, mode);

        // libpq: a certificate given together with "require" is verified.
        mode = mode == Require && root is not null ? VerifyAuthority : mode;
        return new TlsPolicy(mode, root, local ? null : WarningOf(mode, string.Join(", ", hosts.Select(h => h.ToString()))));
    }

    private static void CheckSecurity(SecuritySettings security, string mode)
    {
        if (security.Negotiation == "direct" && mode is Disable or "allow" or Prefer)
        {
            throw Unusable($"sslnegotiation=direct needs sslmode=require or more, and sslmode is {mode}");
        }

        if (security.ChannelBinding == Require && mode == Disable)
        {
            throw Unusable("channel_binding=require needs TLS, and sslmode is disable");
        }

        if (security is { MinimumTls: "TLSv1.3", MaximumTls: "TLSv1.2" })
        {
            throw Unusable("ssl_min_protocol_version is above ssl_max_protocol_version");
        }
    }

    private static string? WarningOf(string mode, string hosts)
    {
        string? loss = mode switch
        {
            VerifyFull => null,
            VerifyAuthority => "is encrypted, and any server with a certificate of the same authority can take its place",
            Require => "is encrypted, and nobody checks who answers: somebody in between can take the server's place and read everything",
            Disable => "is not encrypted: whoever is in between can read and change everything",
            _ => "may be unencrypted, and nobody checks who answers: whoever is in between can read and change everything",
        };
        return loss is null
            ? null
            : $"The connection to {hosts} {loss} (sslmode={mode}). sslmode=verify-full checks the certificate and the host name; where the authority is not a public one, name its file with -RootCertificate or sslrootcert.";
    }

    private static LeoException Unusable(string reason) => new(LeoErrorId.ConnectionFailed, $"The connection settings cannot be used: {reason}.");
}
