using LeoPS.Postgres.Connections;
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
        Assert.Equal("-c x=1", reread.Options);
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

    [Fact]
    public void Npgsql_does_not_read_a_password_file_by_itself()
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal("/dev/null", ConnectionStringFactory.Create(new ConnectionSettings()).Passfile);
            Assert.Null(ConnectionStringFactory.Create(new ConnectionSettings { Password = "p" }).Passfile);
        }
    }
}
