namespace LeoPS.Units.Connections;

public sealed class TlsPolicyTests
{
    [Theory]
    [InlineData("localhost", "prefer")]
    [InlineData("LOCALHOST.", "prefer")]
    [InlineData("127.0.0.1", "prefer")]
    [InlineData("127.9.9.9", "prefer")]
    [InlineData("::1", "prefer")]
    [InlineData("localhost,127.0.0.1:5433", "prefer")]
    [InlineData("/var/run/postgresql", "disable")]
    [InlineData("@abstract", "disable")]
    [InlineData("db.example.com", "verify-full")]
    [InlineData("10.0.0.5", "verify-full")]
    [InlineData("localhost.example.com", "verify-full")]
    [InlineData("localhost,db.example.com", "verify-full")]
    [InlineData("0.0.0.0", "verify-full")]
    public void Where_nothing_was_said_every_other_machine_is_verified(string host, string expected)
    {
        var policy = TlsPolicy.Of(new ConnectionSettings { Host = host });

        Assert.Equal(expected, policy.Mode);
        Assert.Null(policy.Warning);
    }

    [Theory]
    [InlineData("disable", null, "disable", CertificateCheck.NotVerified)]
    [InlineData("allow", null, "allow", CertificateCheck.NotVerified)]
    [InlineData("prefer", "/ca", "prefer", CertificateCheck.NotVerified)]
    [InlineData("require", null, "require", CertificateCheck.NotVerified)]
    [InlineData("require", "/ca", "verify-ca", CertificateCheck.Authority)]
    [InlineData("verify-ca", "/ca", "verify-ca", CertificateCheck.Authority)]
    [InlineData("verify-full", "/ca", "verify-full", CertificateCheck.AuthorityAndHostName)]
    [InlineData("verify-full", "system", "verify-full", CertificateCheck.AuthorityAndHostName)]
    [InlineData(null, "system", "verify-full", CertificateCheck.AuthorityAndHostName)]
    [InlineData(null, "/ca", "prefer", CertificateCheck.NotVerified)]
    public void What_was_said_is_libpqs(string? mode, string? certificate, string expected, CertificateCheck check)
    {
        var policy = TlsPolicy.Of(new ConnectionSettings { SslMode = mode, RootCertificate = certificate });

        Assert.Equal((expected, check, certificate), (policy.Mode, policy.Check, policy.RootCertificate));
        Assert.Null(policy.Warning);
    }

    [Theory]
    [InlineData("disable", "is not encrypted")]
    [InlineData("allow", "may be unencrypted")]
    [InlineData("prefer", "may be unencrypted")]
    [InlineData("require", "nobody checks who answers")]
    [InlineData("verify-ca", "any server with a certificate of the same authority")]
    public void Less_than_everything_is_warned_of_with_hosts_mode_and_remedy(string mode, string expected)
    {
        string warning = TlsPolicy.Of(new ConnectionSettings { Host = "db.example.com,b:6", SslMode = mode }).Warning!;

        Assert.Contains(expected, warning, StringComparison.Ordinal);
        Assert.Contains($"db.example.com:5432, b:6", warning, StringComparison.Ordinal);
        Assert.Contains($"sslmode={mode}", warning, StringComparison.Ordinal);
        Assert.Contains("sslmode=verify-full", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("VerifyFull", null)]
    [InlineData("require", "system")]
    [InlineData("disable", "system")]
    public void What_cannot_be_kept_is_refused(string mode, string? certificate)
        => Assert.Equal(
            LeoErrorId.ConnectionFailed,
            Assert.Throws<LeoException>(() => TlsPolicy.Of(new ConnectionSettings { SslMode = mode, RootCertificate = certificate })).ErrorId);
}
