using System.Globalization;

namespace LeoPS;

/// <summary>Decides whether a server's certificate is accepted, and says all that is wrong with it at once.</summary>
internal static class CertificateVerdict
{
    private const int NamesShown = 5;

    /// <summary>Why a certificate is refused; null where it is accepted.</summary>
    /// <param name="policy">What is checked.</param>
    /// <param name="host">The host that was asked for.</param>
    /// <param name="seen">The certificate; null where the server showed none.</param>
    /// <param name="now">The time by this machine's clock, which is what certificates are compared with.</param>
    public static LeoException? Of(TlsPolicy policy, string host, ServerCertificate? seen, DateTimeOffset now)
    {
        if (policy.Check == CertificateCheck.NotVerified)
        {
            return null;
        }

        if (seen is null)
        {
            return Refused(host, ["it showed none"], ["Look at the server's ssl_cert_file."]);
        }

        var problems = new List<string>();
        var remedies = new List<string>();
        JudgeTime(seen, now, problems, remedies);
        JudgeAuthority(policy, seen, problems, remedies);
        if (policy.Check == CertificateCheck.AuthorityAndHostName && !seen.FitsHost)
        {
            problems.Add($"it is for {List(seen.Names)} and not for {host}");
            remedies.Add("Connect by a name that is in the certificate, or have one issued for this name.");
        }

        return problems.Count == 0 ? null : Refused(host, problems, remedies);
    }

    private static void JudgeTime(ServerCertificate seen, DateTimeOffset now, List<string> problems, List<string> remedies)
    {
        if (now > seen.NotAfter)
        {
            problems.Add($"it expired on {Date(seen.NotAfter)}");
            remedies.Add("Renew the server's certificate.");
        }
        else if (now < seen.NotBefore)
        {
            problems.Add($"it is not valid before {Date(seen.NotBefore)}");
            remedies.Add("Compare this machine's clock with the server's.");
        }
        else if (!seen.ChainInTime)
        {
            problems.Add("the certificate of its authority is not valid at this time");
            remedies.Add("Renew the authority's certificate, and name the new file with -RootCertificate or sslrootcert.");
        }
    }

    private static void JudgeAuthority(TlsPolicy policy, ServerCertificate seen, List<string> problems, List<string> remedies)
    {
        if (!seen.Trusted)
        {
            problems.Add($"its issuer, {seen.Issuer}, is not trusted by {policy.TrustedByWhom}");
            remedies.Add("Give the file of the authority that issued it with -RootCertificate, sslrootcert or PGSSLROOTCERT; a hosted database has it in its settings for TLS.");
        }
        else if (seen.ChainProblem is { } problem)
        {
            problems.Add($"its chain is not in order: {problem}");
            remedies.Add("Have it issued anew, for the authentication of servers.");
        }
    }

    private static LeoException Refused(string host, IEnumerable<string> problems, IEnumerable<string> remedies) => new(
        LeoErrorId.ConnectionFailed,
        $"The certificate of the server at {host} was not accepted, and no password was sent: {string.Join("; ", problems)}. {string.Join(' ', remedies)} -SslMode require would connect without knowing who answers.");

    private static string List(IReadOnlyList<string> names) =>
        names.Count == 0 ? "no host" : string.Join(", ", names.Take(NamesShown)) + (names.Count > NamesShown ? ", …" : "");

    private static string Date(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
