using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace LeoPS.Postgres.Connections;

/// <summary>Checks the certificates that the servers of one pool show, and knows how the pool's connections are encrypted.</summary>
internal sealed class TlsHandshakes(TlsPolicy policy, ConnectionSettings settings)
{
    /// <summary>The names whose certificates are expected at addresses that were given.</summary>
    private readonly Dictionary<string, string> _names = NamesByAddress(settings.Hosts);
    private readonly X509Certificate2Collection? _roots = TrustedRoots.Load(policy);
    private readonly ConcurrentDictionary<string, WeakReference<SslStream>> _streams = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, TlsFacts> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What is checked.</summary>
    public CertificateCheck Check => policy.Check;

    /// <summary>Takes the check of one handshake over from the driver.</summary>
    public void Configure(SslClientAuthenticationOptions options)
    {
        string target = (options.TargetHost ?? "").Trim('[', ']');
        string host = NameOf(target);
        options.TargetHost = host;
        options.EnabledSslProtocols = Protocols(settings.Security);
        if (settings.Security.CertificateMode == "disable")
        {
            options.ClientCertificateContext = null;
        }

        options.RemoteCertificateValidationCallback = (sender, certificate, chain, errors) => Accept(target, host, sender as SslStream, certificate, chain, errors);
    }

    /// <summary>How the connections to a host are encrypted; null where they are not.</summary>
    public TlsFacts? Of(string host)
    {
        string name = host.Trim('[', ']');

        // Where the driver fell back to no encryption, the stream is there and closed.
        if (_streams.TryGetValue(name, out WeakReference<SslStream>? latest) && latest.TryGetTarget(out SslStream? stream) && stream.IsAuthenticated)
        {
            return _known[name] = new TlsFacts(NameOf(stream.SslProtocol), stream.NegotiatedCipherSuite.ToString());
        }

        return _known.GetValueOrDefault(name);
    }

    /// <summary>The name of the host at an address that was given; the text itself where it is none.</summary>
    public string NameOf(string target) => _names.GetValueOrDefault(target.Trim('[', ']'), target.Trim('[', ']'));

    /// <exception cref="LeoException">ConnectionFailed where one address is given for two names: the driver tells hosts apart by it.</exception>
    private static Dictionary<string, string> NamesByAddress(IReadOnlyList<ConnectionHost> hosts)
    {
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (ConnectionHost host in hosts)
        {
            if (host.Address is { } address && !names.TryAdd(address, host.Name) && names[address] != host.Name)
            {
                throw new LeoException(
                    LeoErrorId.ConnectionFailed,
                    $"The address {address} is given for two hosts, {names[address]} and {host.Name}, whose certificates could not be told apart. "
                    + "Leave hostaddr out, or give each host an address of its own.");
            }
        }

        return names;
    }

    private static SslProtocols Protocols(SecuritySettings security) => (security.MinimumTls, security.MaximumTls) switch
    {
        ("TLSv1.3", _) => SslProtocols.Tls13,
        (_, "TLSv1.2") => SslProtocols.Tls12,
        ({ }, _) or (_, { }) => SslProtocols.Tls12 | SslProtocols.Tls13,
        _ => SslProtocols.None,
    };

    private bool Accept(string target, string host, SslStream? stream, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        ServerCertificate? seen = certificate is null || chain is null || policy.Check == CertificateCheck.NotVerified
            ? null
            : Describe(certificate as X509Certificate2 ?? new X509Certificate2(certificate), chain, errors);
        if (CertificateVerdict.Of(policy, host, seen, DateTimeOffset.UtcNow) is { } refusal)
        {
            // Thrown and not returned as false: what is wrong gets through to whoever opens the connection.
            throw refusal;
        }

        if (stream is not null)
        {
            _streams[target] = new WeakReference<SslStream>(stream);
        }

        return true;
    }

    private ServerCertificate Describe(X509Certificate2 certificate, X509Chain chain, SslPolicyErrors errors)
    {
        if (_roots is not null)
        {
            // Built anew: whom the system trusts does not count where the user named an authority. Nothing is fetched for it from anywhere.
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(_roots);
            chain.ChainPolicy.ExtraStore.AddRange(_roots);
            chain.ChainPolicy.DisableCertificateDownloads = true;
            chain.Build(certificate);
        }

        X509ChainStatusFlags status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status);
        const X509ChainStatusFlags Untrusted = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;
        X509ChainStatusFlags other = status & ~(Untrusted | X509ChainStatusFlags.NotTimeValid);
        return new ServerCertificate(
            NamesOf(certificate),
            certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: true),
            new DateTimeOffset(certificate.NotBefore),
            new DateTimeOffset(certificate.NotAfter),
            (status & Untrusted) == X509ChainStatusFlags.NoError,
            !status.HasFlag(X509ChainStatusFlags.NotTimeValid),
            !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch),
            other == X509ChainStatusFlags.NoError ? null : other.ToString());
    }

    /// <summary>The names of the extension for them; of an old certificate without one its common name.</summary>
    private static List<string> NamesOf(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension? extension = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        List<string> names = extension is null ? [] : [.. extension.EnumerateDnsNames(), .. extension.EnumerateIPAddresses().Select(a => a.ToString())];
        if (names.Count == 0 && certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is { Length: > 0 } common)
        {
            names.Add(common);
        }

        return names;
    }

    private static string NameOf(SslProtocols protocol) => protocol switch
    {
        SslProtocols.Tls12 => "TLSv1.2",
        SslProtocols.Tls13 => "TLSv1.3",
        _ => protocol.ToString(),
    };
}
