namespace LeoPS.Units.Connections;

public sealed class CertificateVerdictTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 0, TimeSpan.Zero);

    private static readonly ServerCertificate Good = new(["db.example.com", "10.0.0.5"], "Big Authority", Now.AddDays(-9), Now.AddDays(9), Trusted: true, ChainInTime: true, FitsHost: true, null);

    [Fact]
    public void A_good_one_is_accepted() => Assert.Null(Judge("verify-full", Good));

    [Fact]
    public void Nothing_is_looked_at_where_nothing_is_to_be_verified()
        => Assert.Null(Judge("require", Good with { Trusted = false, FitsHost = false, NotAfter = Now.AddDays(-1) }));

    [Fact]
    public void The_name_counts_in_verify_full_only()
    {
        ServerCertificate other = Good with { FitsHost = false };

        Assert.Null(Judge("verify-ca", other));
        Assert.Contains("it is for db.example.com, 10.0.0.5 and not for wanted", Judge("verify-full", other)!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_thing_that_is_wrong_has_its_sentence_and_its_remedy()
    {
        AssertSays("it expired on 2026-03-04 05:05Z", "Renew the server's", Good with { NotAfter = Now.AddMinutes(-1), ChainInTime = false });
        AssertSays("not valid before 2026-03-04 05:07Z", "clock", Good with { NotBefore = Now.AddMinutes(1), ChainInTime = false });
        AssertSays("certificate of its authority is not valid at this time", "Renew the authority's", Good with { ChainInTime = false });
        AssertSays("its issuer, Big Authority, is not trusted by this system", "-RootCertificate", Good with { Trusted = false });
        AssertSays("its chain is not in order: NotValidForUsage", "issued anew", Good with { ChainProblem = "NotValidForUsage" });
        AssertSays("it is for no host and not for wanted", "Connect by a name", Good with { FitsHost = false, Names = [] });
        AssertSays("it showed none", "ssl_cert_file", null);
    }

    [Fact]
    public void All_of_it_is_said_at_once()
    {
        string message = Judge("verify-full", Good with { NotAfter = Now.AddDays(-1), ChainInTime = false, Trusted = false, FitsHost = false })!.Message;

        Assert.Contains("expired", message, StringComparison.Ordinal);
        Assert.Contains("not trusted", message, StringComparison.Ordinal);
        Assert.Contains("not for wanted", message, StringComparison.Ordinal);
        Assert.DoesNotContain("authority is not valid", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/ca.crt", "the file /ca.crt")]
    [InlineData("system", "this system")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMII", "the certificate that was given")]
    public void Whose_trust_counts_is_named(string root, string expected)
        => Assert.Contains($"not trusted by {expected}.", Judge("verify-full", Good with { Trusted = false }, root)!.Message, StringComparison.Ordinal);

    private static void AssertSays(string problem, string remedy, ServerCertificate? seen)
    {
        LeoException error = Judge("verify-full", seen)!;
        Assert.Equal(LeoErrorId.ConnectionFailed, error.ErrorId);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Message, StringComparison.Ordinal);
        Assert.Contains("no password was sent", error.Message, StringComparison.Ordinal);
    }

    private static LeoException? Judge(string mode, ServerCertificate? seen, string? root = null)
        => CertificateVerdict.Of(TlsPolicy.Of(new ConnectionSettings { Host = "wanted", SslMode = mode, RootCertificate = root }), "wanted", seen, Now);
}
