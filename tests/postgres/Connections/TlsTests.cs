using System.Net;
using System.Net.Sockets;
using LeoPS.Ports;
using LeoPS.Postgres;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Connections;

/// <summary>Whom a connection believes, against a server that speaks TLS with a certificate of an authority of its own.</summary>
[Trait("Category", "Core")]
public sealed class TlsTests(TlsServer server) : IClassFixture<TlsServer>, IAsyncLifetime
{
    private readonly string _root = server.RootCertificate;
    private bool _expired;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_expired)
        {
            await server.ShowAsync(DateTimeOffset.UtcNow.AddDays(10));
        }
    }

    [PostgresFact]
    public async Task A_host_that_is_not_this_machine_is_verified_where_nothing_was_said()
    {
        DatabaseReport report = await TestAsync(s => s with { Host = TlsServer.Remote, SslMode = null, RootCertificate = _root });
        Assert.StartsWith("TLSv1.", report.Tls, StringComparison.Ordinal);
        Assert.StartsWith("TLS_", report.Cipher, StringComparison.Ordinal);
        Assert.Equal(CertificateCheck.AuthorityAndHostName, report.Certificate);
        LeoException error = await FailAsync(s => s with { Host = TlsServer.Remote, SslMode = null });
        Assert.Contains("The authority of these tests, is not trusted by this system", error.Message, StringComparison.Ordinal);
    }

    [PostgresTheory]
    [InlineData("verify-full", "localhost", CertificateCheck.AuthorityAndHostName)]
    [InlineData("verify-ca", "localhost", CertificateCheck.Authority)]
    [InlineData("verify-ca", "127.0.0.1", CertificateCheck.Authority)]
    [InlineData("require", "127.0.0.1", CertificateCheck.Authority)]
    public async Task The_right_authority_is_accepted(string mode, string host, CertificateCheck expected) =>
        Assert.Equal(expected, (await TestAsync(s => s with { Host = host, SslMode = mode, RootCertificate = _root })).Certificate);

    [PostgresTheory]
    [InlineData(null)]
    [InlineData("prefer")]
    [InlineData("require")]
    public async Task Without_a_check_it_is_encrypted_and_said_to_be_unverified(string? mode)
    {
        await using ILeoDatabase database = await ConnectAsync(s => s with { SslMode = mode });
        DatabaseReport report = await database.TestAsync(CallContext.For("Test-Tls"), CancellationToken.None);
        Assert.True(database.Server.Encrypted);
        Assert.StartsWith("TLSv1.", report.Tls, StringComparison.Ordinal);
        Assert.Equal(CertificateCheck.NotVerified, report.Certificate);
    }

    [PostgresTheory]
    [InlineData("disable")]
    [InlineData("allow")]
    public async Task Where_none_is_wanted_there_is_none(string mode)
    {
        await using ILeoDatabase database = await ConnectAsync(s => s with { SslMode = mode });
        DatabaseReport report = await database.TestAsync(CallContext.For("Test-Tls"), CancellationToken.None);
        Assert.False(database.Server.Encrypted);
        Assert.Equal((null, null, null), (report.Tls, report.Cipher, report.Certificate));
    }

    [PostgresFact]
    public async Task A_preference_that_was_refused_with_tls_is_not_said_to_be_encrypted()
    {
        // The driver logs in with TLS, is refused, and tries again without.
        LeoException error = await FailAsync(s => s with { SslMode = "prefer", Password = "wrong" }, LeoErrorId.AuthenticationFailed);
        Assert.Contains("refused user", error.Message, StringComparison.Ordinal);
    }

    [PostgresTheory]
    [InlineData("verify-full")]
    [InlineData("verify-ca")]
    [InlineData("require")]
    public async Task Another_authority_is_refused_and_both_are_named(string mode)
    {
        LeoException error = await FailAsync(s => s with { Host = "localhost", SslMode = mode, RootCertificate = server.OtherRootCertificate });
        Assert.Contains($"The authority of these tests, is not trusted by the file {server.OtherRootCertificate}", error.Message, StringComparison.Ordinal);
        Assert.Contains("-RootCertificate", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("expired", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_name_that_the_certificate_does_not_have_is_refused_and_those_that_it_has_are_named()
    {
        LeoException error = await FailAsync(s => s with { Host = "127.0.0.1", SslMode = "verify-full", RootCertificate = _root });
        Assert.Contains("it is for localhost, 10.1.2.3 and not for 127.0.0.1", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not trusted", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task An_expired_certificate_is_refused_with_its_date()
    {
        DateTimeOffset end = await ExpireAsync();
        LeoException error = await FailAsync(s => s with { Host = "localhost", SslMode = "verify-full", RootCertificate = _root });
        Assert.Contains($"it expired on {end.UtcDateTime:yyyy-MM-dd HH:mm}Z", error.Message, StringComparison.Ordinal);
        Assert.Contains("Renew the server's certificate", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not trusted", error.Message, StringComparison.Ordinal);
        Assert.Equal(CertificateCheck.NotVerified, (await TestAsync(s => s with { SslMode = "require" })).Certificate);
    }

    [PostgresFact]
    public async Task All_that_is_wrong_is_said_at_once()
    {
        await ExpireAsync();
        LeoException error = await FailAsync(s => s with { Host = "127.0.0.1", SslMode = "verify-full", RootCertificate = server.OtherRootCertificate });
        Assert.Contains("expired on", error.Message, StringComparison.Ordinal);
        Assert.Contains("not trusted", error.Message, StringComparison.Ordinal);
        Assert.Contains("not for 127.0.0.1", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_certificate_that_expires_while_connected_is_told_to_the_next_statement()
    {
        await using ILeoDatabase database = await ConnectAsync(s => s with { Host = "localhost", SslMode = "verify-full", RootCertificate = _root });
        await ExpireAsync();
        // The connection that is there goes on; two at once need another one.
        Task<ILeoTransaction> first = database.BeginAsync(CancellationToken.None);
        await using ILeoTransaction held = await first;
        LeoException error = await Assert.ThrowsAsync<LeoException>(() => database.BeginAsync(CancellationToken.None));
        Assert.Equal(LeoErrorId.ConnectionFailed, error.ErrorId);
        Assert.Contains("expired on", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task An_address_is_connected_to_while_the_name_is_verified()
    {
        ConnectionSettings At(ConnectionSettings s, string name) =>
            s with { Host = name, HostAddress = "127.0.0.1", SslMode = "verify-full", RootCertificate = _root };

        // 10.1.2.3 is a name of the certificate; nothing answers there.
        Assert.Equal(CertificateCheck.AuthorityAndHostName, (await TestAsync(s => At(s, "10.1.2.3"))).Certificate);
        Assert.Equal("10.1.2.3", (await TestAsync(s => At(s, "10.1.2.3"))).HostName);
        Assert.Contains("not for other.example", (await FailAsync(s => At(s, "other.example"))).Message, StringComparison.Ordinal);
        Assert.Contains(
            "given for two hosts",
            (await FailAsync(s => At(s, "a.example,b.example") with { HostAddress = "127.0.0.1,127.0.0.1" })).Message,
            StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Channel_binding_that_is_required_is_used_or_refused()
    {
        ConnectionSettings With(ConnectionSettings s, string? mode) =>
            s with { Host = "localhost", SslMode = mode, Security = new SecuritySettings { ChannelBinding = "require" } };

        Assert.NotNull((await TestAsync(s => With(s, "require"))).Tls);
        Assert.Contains("needs TLS", (await FailAsync(s => With(s, "disable"))).Message, StringComparison.Ordinal);

        // A server that asks for no password proves nothing.
        LeoException trusted = await FailAsync(s => With(s, "require") with { UserName = TlsServer.Trusted }, LeoErrorId.AuthenticationFailed);
        Assert.Contains("channel_binding=require", trusted.Message, StringComparison.Ordinal);
        Assert.NotNull((await TestAsync(s => s with { Host = "localhost", SslMode = "require", UserName = TlsServer.Trusted })).Tls);
    }

    [PostgresFact]
    public async Task Login_methods_that_are_not_accepted_are_refused_before_a_password_is_sent()
    {
        LeoException error = await FailAsync(
            s => s with { Security = new SecuritySettings { RequireAuth = "!scram-sha-256" } }, LeoErrorId.AuthenticationFailed);
        Assert.Contains("require_auth=!scram-sha-256", error.Message, StringComparison.Ordinal);
        Assert.Contains("No password was sent", error.Message, StringComparison.Ordinal);
    }

    [PostgresTheory]
    [InlineData("TLSv1.3", null, "TLSv1.3")]
    [InlineData(null, "TLSv1.2", "TLSv1.2")]
    [InlineData("TLSv1", null, null)]
    public async Task Tls_versions_are_kept_to(string? minimum, string? maximum, string? expected)
    {
        string? used = (await TestAsync(s => s with { SslMode = "require", Security = new SecuritySettings { MinimumTls = minimum, MaximumTls = maximum } })).Tls;
        Assert.Equal(expected ?? used, used);
    }

    [PostgresFact]
    public async Task A_client_certificate_that_cannot_be_read_is_named()
    {
        string missing = server.RootCertificate + ".missing";
        foreach ((string file, string key) in new[] { (missing, missing), (server.RootCertificate, missing), (server.RootCertificate, server.RootCertificate) })
        {
            LeoException error = await FailAsync(
                s => s with { SslMode = "require", Security = new SecuritySettings { Certificate = file, CertificateKey = key } });
            Assert.Contains($"client certificate {file}", error.Message, StringComparison.Ordinal);
            Assert.Contains("PGSSLCERT", error.Message, StringComparison.Ordinal);
        }
    }

    [PostgresTheory]
    [InlineData("require")]
    [InlineData("verify-full")]
    public async Task The_client_certificate_of_the_environment_is_sent(string mode)
    {
        (string certificate, string key) = await server.IssueToAsync(TlsServer.Certified);
        ConnectionSettings OfEnvironment(ConnectionSettings settings, params (string Name, string Value)[] variables)
        {
            var environment = new ConnectionEnvironment(name => variables.FirstOrDefault(v => v.Name == name).Value, new ConnectionFiles(), "nobody");
            return environment.Complete(settings with { Host = "localhost", UserName = TlsServer.Certified, SslMode = mode, RootCertificate = _root });
        }

        await TestAsync(s => OfEnvironment(s, ("PGSSLCERT", certificate), ("PGSSLKEY", key)));
        foreach ((string Name, string Value)[] without in new (string, string)[][] { [], [("PGSSLCERT", certificate), ("PGSSLKEY", key), ("PGSSLCERTMODE", "disable")] })
        {
            LeoException error = await FailAsync(s => OfEnvironment(s, without), LeoErrorId.AuthenticationFailed);
            Assert.Contains("sslcert", error.Message, StringComparison.Ordinal);
        }
    }

    [PostgresTheory]
    [InlineData("TLSv1.2")]
    [InlineData("TLSv1.3")]
    public async Task A_client_certificate_of_another_user_or_authority_is_refused(string newest)
    {
        await server.RunAsync($"alter system set ssl_max_protocol_version = '{newest}'; select pg_reload_conf()");
        try
        {
            Assert.Contains("sslcert", (await FailWithAsync("another_user", trusted: true, LeoErrorId.AuthenticationFailed)).Message, StringComparison.Ordinal);
            LeoException error = await FailWithAsync(TlsServer.Certified, trusted: false, LeoErrorId.ConnectionFailed);
            Assert.Contains("(sslcert, PGSSLCERT): it has to be of an authority in the server's ssl_ca_file", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("No PostgreSQL server answered", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            await server.RunAsync("alter system reset ssl_max_protocol_version; select pg_reload_conf()");
        }

        async Task<LeoException> FailWithAsync(string user, bool trusted, LeoErrorId expected)
        {
            (string certificate, string key) = await server.IssueToAsync(user, trusted);
            var security = new SecuritySettings { Certificate = certificate, CertificateKey = key };
            return await FailAsync(s => s with { UserName = TlsServer.Certified, SslMode = "require", Security = security }, expected);
        }
    }

    [PostgresFact(since: 17)]
    public async Task Direct_negotiation_begins_with_tls()
    {
        foreach ((string? negotiation, bool direct) in new[] { ("direct", true), ("postgres", false), (null, false) })
        {
            await using var proxy = new TcpProxy(server.Settings);
            DatabaseReport report = await TestAsync(s => s with
            {
                Host = "localhost",
                Port = proxy.Port,
                SslMode = "verify-full",
                RootCertificate = _root,
                Security = new SecuritySettings { Negotiation = negotiation },
            });
            Assert.Equal(CertificateCheck.AuthorityAndHostName, report.Certificate);
            AssertEach.Of(proxy.FirstBytes, first => Assert.Equal(direct, first == 22));
        }
    }

    [PostgresFact]
    public async Task Direct_negotiation_with_a_server_that_cannot_is_named()
    {
        // One that answers nothing to what it does not understand, as servers before 17 do.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        Task answering = HangUpAsync(silent);
        LeoException error = await FailAsync(s => s with
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)silent.LocalEndpoint).Port,
            SslMode = "require",
            Security = new SecuritySettings { Negotiation = "direct" },
        });
        silent.Stop();
        await answering;
        Assert.Contains("sslnegotiation=direct", error.Message, StringComparison.Ordinal);
        Assert.Contains("PostgreSQL 17", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_role_that_needs_tls_says_so_to_one_who_comes_without()
    {
        LeoException error = await FailAsync(s => s with { UserName = TlsServer.TlsOnly, SslMode = "disable" }, LeoErrorId.AuthenticationFailed);
        Assert.Contains("sslmode=disable", error.Message, StringComparison.Ordinal);
        Assert.Contains("Leave -SslMode out", error.Message, StringComparison.Ordinal);
        Assert.True((await TestAsync(s => s with { UserName = TlsServer.TlsOnly, SslMode = null })).Tls is not null);
    }

    [PostgresFact]
    public async Task An_authority_may_be_given_as_text()
    {
        foreach (string text in new[] { server.Authority.Pem, server.Authority.Pem.ReplaceLineEndings("\\n") })
        {
            Assert.Equal(CertificateCheck.AuthorityAndHostName, (await TestAsync(s => s with { Host = "localhost", SslMode = "verify-full", RootCertificate = text })).Certificate);
        }
    }

    [PostgresFact]
    public async Task A_file_that_is_not_there_or_holds_no_certificate_is_named()
    {
        string missing = server.RootCertificate + ".missing";
        string empty = server.RootCertificate + ".empty";
        await File.WriteAllTextAsync(empty, "nothing");
        Assert.Contains($"{missing} does not exist", (await FailAsync(s => s with { SslMode = "verify-ca", RootCertificate = missing })).Message, StringComparison.Ordinal);
        Assert.Contains($"{empty} holds no certificate", (await FailAsync(s => s with { SslMode = "verify-ca", RootCertificate = empty })).Message, StringComparison.Ordinal);
    }

    private static async Task HangUpAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync();
                byte[] hello = new byte[4096];
                _ = await client.GetStream().ReadAsync(hello);
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task<DateTimeOffset> ExpireAsync()
    {
        _expired = true;
        DateTimeOffset end = DateTimeOffset.UtcNow.AddDays(-1);
        await server.ShowAsync(end);
        return end;
    }

    private async Task<DatabaseReport> TestAsync(Func<ConnectionSettings, ConnectionSettings> change)
    {
        await using ILeoDatabase database = await ConnectAsync(change);
        return await database.TestAsync(CallContext.For("Test-Tls"), CancellationToken.None);
    }

    private async Task<LeoException> FailAsync(Func<ConnectionSettings, ConnectionSettings> change, LeoErrorId expected = LeoErrorId.ConnectionFailed)
    {
        LeoException error = await Assert.ThrowsAsync<LeoException>(() => ConnectAsync(change));
        Assert.Equal(expected, error.ErrorId);
        Assert.Null(error.InnerException);
        Assert.DoesNotContain(server.Settings.Password!, error.ToString(), StringComparison.Ordinal);
        return error;
    }

    private Task<ILeoDatabase> ConnectAsync(Func<ConnectionSettings, ConnectionSettings> change) =>
        new PostgresStorage().ConnectAsync(change(server.Settings), CancellationToken.None);
}
