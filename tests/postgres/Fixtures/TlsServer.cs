using LeoPS.Postgres.Sandbox;
using LeoPS.Sandbox;
using Npgsql;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A server that speaks TLS, with certificates of an authority of its own.</summary>
public sealed class TlsServer : IAsyncLifetime
{
    /// <summary>A login role, with the superuser's password, that is let in with TLS only.</summary>
    public const string TlsOnly = "tls_only";

    /// <summary>A login role that is let in without a password.</summary>
    public const string Trusted = "trusted";

    /// <summary>A login role, with the superuser's password, that is let in with a certificate of <see cref="Authority"/> in its name only.</summary>
    public const string Certified = "certified";

    /// <summary>Hosts of which the one that answers is this machine, and that are not all this machine.</summary>
    public const string Remote = "localhost,no-such-host.invalid";

    private TestFolder? _folder;
    private ConnectionSettings? _settings;

    /// <summary>Where it listens, as superuser.</summary>
    public ConnectionSettings Settings => _settings ?? throw new InvalidOperationException("No server: the test lacks [PostgresFact].");

    /// <summary>The file of the authority that issued what the server shows.</summary>
    public string RootCertificate => _folder!.In("root.crt");

    /// <summary>The file of an authority that did not.</summary>
    public string OtherRootCertificate => _folder!.In("other.crt");

    internal TestAuthority Authority { get; } = new("The authority of these tests");

    /// <summary>Starts it.</summary>
    public async Task InitializeAsync()
    {
        if (PostgresAvailability.MissingBecause is not null)
        {
            return;
        }

        _folder = await TestFolder.CreateAsync();
        await File.WriteAllTextAsync(RootCertificate, Authority.Pem);
        using (var other = new TestAuthority("Another authority"))
        {
            await File.WriteAllTextAsync(OtherRootCertificate, other.Pem);
        }

        await WriteAsync(DateTimeOffset.UtcNow.AddDays(10));
        var host = new SandboxHost(_folder.SandboxEnvironment);
        LeoSandbox sandbox = await host.StartAsync(
            new SandboxOptions
            {
                Path = _folder.In("server"),
                Configuration = ["fsync = off", "ssl = on", $"ssl_cert_file = '{_folder.In("server.crt")}'", $"ssl_key_file = '{_folder.In("server.key")}'", $"ssl_ca_file = '{RootCertificate}'"],
            },
            CancellationToken.None);
        _settings = host.SettingsOf(sandbox);
        string rules = _folder.In("server/data/pg_hba.conf");
        await File.WriteAllTextAsync(rules, $"hostnossl all {TlsOnly} all reject\nhostssl all {Trusted} all trust\n"
            + $"hostssl all {Certified} all scram-sha-256 clientcert=verify-full\nhostnossl all {Certified} all reject\n{await File.ReadAllTextAsync(rules)}");
        await RunAsync($"create role {TlsOnly} login superuser password '{Settings.Password}'; create role {Trusted} login; "
            + $"create role {Certified} login superuser password '{Settings.Password}'; select pg_reload_conf()");
    }

    /// <summary>Has the server show another certificate from now on.</summary>
    public async Task ShowAsync(DateTimeOffset notAfter)
    {
        await WriteAsync(notAfter);
        await RunAsync("select pg_reload_conf()");
    }

    /// <summary>A client's certificate and its key, in files of this server's folder.</summary>
    /// <param name="user">The user it is for.</param>
    /// <param name="trusted">Of the authority that the server knows, or of another one.</param>
    public async Task<(string Certificate, string Key)> IssueToAsync(string user, bool trusted = true)
    {
        using TestAuthority? other = trusted ? null : new TestAuthority("Another authority");
        (string certificate, string key) = (other ?? Authority).IssueTo(user);
        (string Certificate, string Key) files = (_folder!.In($"{user}-{trusted}.crt"), _folder.In($"{user}-{trusted}.key"));
        await File.WriteAllTextAsync(files.Certificate, certificate);
        OwnerOnlyFile.Replace(files.Key, key);
        return files;
    }

    /// <summary>Runs statements as the superuser.</summary>
    public async Task RunAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = Settings.Host,
            Port = Settings.Port,
            Username = Settings.UserName,
            Password = Settings.Password,
            Database = Settings.Database,
            SslMode = Npgsql.SslMode.Disable,
            Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Stops it.</summary>
    public async Task DisposeAsync()
    {
        Authority.Dispose();
        if (_folder is not null)
        {
            await _folder.DisposeAsync();
        }
    }

    private async Task WriteAsync(DateTimeOffset notAfter)
    {
        ServerUser user = await ServerUser.ResolveAsync(_folder!.SandboxEnvironment, owner: null, CancellationToken.None);
        (string certificate, string key) = Authority.Issue(notAfter, "localhost", "10.1.2.3");
        foreach ((string name, string text) in new[] { ("server.crt", certificate), ("server.key", key) })
        {
            OwnerOnlyFile.Replace(_folder.In(name), text);
            await user.OwnAsync(_folder.In(name), CancellationToken.None);
        }
    }
}
