using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.PostgresTests.Connections;

public sealed class ConnectionStringFactoryTests
{
    [Fact]
    public void Settings_become_a_connection_string()
    {
        NpgsqlConnectionStringBuilder b = ConnectionStringFactory.Create(new ConnectionSettings
        {
            Host = "h",
            Port = 5433,
            Database = "db;x",
            UserName = "u",
            Password = "p'a\"s;s=",
            ConnectTimeout = TimeSpan.FromMilliseconds(2500),
            CommandTimeout = TimeSpan.FromSeconds(9),
            Options = "-c x=1",
        });
        var reread = new NpgsqlConnectionStringBuilder(b.ConnectionString);

        Assert.Equal(("h", 5433, "db;x", "u", "p'a\"s;s="), (reread.Host, reread.Port, reread.Database, reread.Username, reread.Password));
        Assert.Equal((3, 0, 2000), (reread.Timeout, reread.CommandTimeout, reread.CancellationTimeout));
        Assert.Equal("LeoPS/0.1.0", reread.ApplicationName);
        Assert.StartsWith("-c x=1 -c DateStyle=ISO,\\ MDY ", reread.Options, StringComparison.Ordinal);
        Assert.True(reread.Pooling);
        Assert.False(reread.Enlist || reread.IncludeErrorDetail || reread.PersistSecurityInfo || reread.NoResetOnClose);
        Assert.Equal(0, reread.MaxAutoPrepare);
        // The host is not this machine; the certificate is checked by TlsHandshakes.
        Assert.Equal((SslMode.Require, GssEncryptionMode.Disable, null), (reread.SslMode, reread.GssEncryptionMode, reread.RootCertificate));
    }

    [Fact]
    public void User_and_database_fall_back_as_libpq_has_it()
    {
        NpgsqlConnectionStringBuilder b = ConnectionStringFactory.Create(new ConnectionSettings());
        NpgsqlConnectionStringBuilder named = ConnectionStringFactory.Create(new ConnectionSettings { UserName = "u" });

        Assert.Equal((Environment.UserName, Environment.UserName), (b.Username, b.Database));
        Assert.Equal("u", named.Database);
    }

    [Fact]
    public void A_transaction_pooler_gets_no_session_state()
        => Assert.True(ConnectionStringFactory.Create(new ConnectionSettings { PoolerMode = PoolerMode.Transaction }).NoResetOnClose);

    [Theory]
    [InlineData("disable", null, SslMode.Disable)]
    [InlineData("allow", null, SslMode.Allow)]
    [InlineData("prefer", "/ca", SslMode.Prefer)]
    [InlineData("require", null, SslMode.Require)]
    [InlineData("require", "/ca", SslMode.Require)]
    [InlineData("verify-ca", "/ca", SslMode.Require)]
    [InlineData("verify-full", "/ca", SslMode.Require)]
    [InlineData(null, "system", SslMode.Require)]
    [InlineData(null, "/ca", SslMode.Prefer)]
    public void The_driver_encrypts_and_checks_nothing_by_itself(string? mode, string? certificate, SslMode expected)
    {
        NpgsqlConnectionStringBuilder b = ConnectionStringFactory.Create(new ConnectionSettings { SslMode = mode, RootCertificate = certificate });

        Assert.Equal((expected, null), (b.SslMode, b.RootCertificate));
    }

    [Theory]
    [InlineData("VerifyFull", null)]
    [InlineData("require", "system")]
    public void What_cannot_be_trusted_is_refused(string mode, string? certificate)
        => Assert.Equal(
            LeoErrorId.ConnectionFailed,
            Assert.Throws<LeoException>(() => ConnectionStringFactory.Create(new ConnectionSettings { SslMode = mode, RootCertificate = certificate })).ErrorId);

    [Theory]
    [InlineData("h:7", 5432, "h", 7, true)]
    [InlineData("[::1]:7", 5432, "::1", 7, true)]
    [InlineData("/tmp/sockets", 5432, "/tmp/sockets", 5432, false)]
    [InlineData("a,b:2,[::1]:3", 1, "a,b:2,[::1]:3", 1, true)]
    public void Hosts_are_npgsqls(string host, int port, string expected, int expectedPort, bool keepAlive)
    {
        NpgsqlConnectionStringBuilder b = ConnectionStringFactory.Create(new ConnectionSettings { Host = host, Port = port });

        Assert.Equal((expected, expectedPort, keepAlive), (b.Host, b.Port, b.TcpKeepAlive));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(1_000_000_000, 1024)]
    public void The_timeout_is_in_npgsqls_range(int milliseconds, int seconds)
        => Assert.Equal(seconds, ConnectionStringFactory.Create(new ConnectionSettings { ConnectTimeout = TimeSpan.FromMilliseconds(milliseconds) }).Timeout);

    /// <summary>For each that is null the driver would read a variable of libpq, and some fail every connection there.</summary>
    [Theory]
    [InlineData(PoolerMode.Session)]
    [InlineData(PoolerMode.Transaction)]
    public void The_driver_reads_no_variable_by_itself(PoolerMode mode)
    {
        var settings = new ConnectionSettings { PoolerMode = mode, Options = mode == PoolerMode.Transaction ? "-c work_mem=7MB" : null };
        var reread = new NpgsqlConnectionStringBuilder(ConnectionStringFactory.Create(settings).ConnectionString);

        Assert.Equal(("UTF8", "UTC"), (reread.ClientEncoding, reread.Timezone));
        Assert.Equal("Password,MD5,GSS,SSPI,ScramSHA256,None", reread.RequireAuth);
        Assert.Equal(mode == PoolerMode.Transaction ? null : PinnedSettings.StartupOptions, reread.Options);
        AssertEach.Of(
            new[] { "Username", "Application Name", "SSL Negotiation", "GSS Encryption Mode", "Channel Binding", "Kerberos Service Name" },
            key => Assert.True(reread.ContainsKey(key), key));
    }

    [Fact]
    public void A_certificate_has_its_key_and_addresses_go_before_names()
    {
        NpgsqlConnectionStringBuilder b = ConnectionStringFactory.Create(new ConnectionSettings
        {
            Host = "h",
            HostAddress = "10.0.0.9",
            Security = new SecuritySettings { Certificate = "/c", ChannelBinding = "require", Negotiation = "direct", KerberosService = "pg" },
        });

        Assert.Equal(("10.0.0.9", "/c", "/c", ChannelBinding.Require), (b.Host, b.SslCertificate, b.SslKey, b.ChannelBinding));
        Assert.Equal(("ScramSHA256", SslNegotiation.Direct, "pg"), (b.RequireAuth, b.SslNegotiation, b.KerberosServiceName));
    }

    [Theory]
    [InlineData("disable", null, null, "require", "channel_binding=require needs TLS")]
    [InlineData("prefer", "direct", null, null, "sslnegotiation=direct needs sslmode=require")]
    [InlineData(null, null, "md5", "require", "leave no login method")]
    public void Settings_that_exclude_each_other_are_refused(string? mode, string? negotiation, string? login, string? binding, string expected)
    {
        var security = new SecuritySettings { Negotiation = negotiation, RequireAuth = login, ChannelBinding = binding };
        var settings = new ConnectionSettings { Host = "h", SslMode = mode, Security = security };

        LeoException error = Assert.Throws<LeoException>(() => ConnectionStringFactory.Create(settings));

        Assert.Equal(LeoErrorId.ConnectionFailed, error.ErrorId);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
