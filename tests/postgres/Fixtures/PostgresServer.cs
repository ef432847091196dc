using System.Diagnostics.CodeAnalysis;
using LeoPS.Postgres.Sandbox;
using LeoPS.Sandbox;
using Npgsql;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>One real server for all tests of this assembly, in a folder of its own that goes away at the end.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit's IAsyncLifetime disposes.")]
public sealed class PostgresServer : IAsyncLifetime
{
    private const string Prefix = "leops-tests-";

    // Losing everything in a power cut is fine here, and a test run must not wait for the disk.
    private static readonly string[] Configuration = ["fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 200"];

    private static int s_databases;

    private readonly string _folder = Path.Combine(Path.GetTempPath(), Prefix + Guid.NewGuid().ToString("N")[..8]);
    private SandboxHost? _host;
    private FileStream? _alive;
    private LeoSandbox? _sandbox;
    private ConnectionSettings? _settings;

    /// <summary>How to connect as superuser, to the database "leops" (empty: tests take databases of their own).</summary>
    /// <exception cref="InvalidOperationException">There is no server: the test lacks [PostgresFact].</exception>
    public ConnectionSettings Settings => _settings
        ?? throw new InvalidOperationException("No server: " + (PostgresAvailability.MissingBecause ?? "it was not started."));

    /// <summary>The server itself.</summary>
    /// <exception cref="InvalidOperationException">There is no server: the test lacks [PostgresFact].</exception>
    public LeoSandbox Sandbox => _sandbox
        ?? throw new InvalidOperationException("No server: " + (PostgresAvailability.MissingBecause ?? "it was not started."));

    /// <summary>Starts the server.</summary>
    public async Task InitializeAsync()
    {
        if (PostgresAvailability.MissingBecause is not null)
        {
            return;
        }

        await RemoveLeftoversAsync();
        Directory.CreateDirectory(_folder);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        }

        _alive = new FileStream(AliveFile(_folder), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        _host = HostIn(_folder);
        _sandbox = await _host.StartAsync(
            new SandboxOptions { Path = ServerFolder(_folder), Configuration = Configuration }, CancellationToken.None);
        _settings = _host.SettingsOf(_sandbox);
    }

    /// <summary>Stops the server and removes its folder.</summary>
    public async Task DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_host is not null && _sandbox is not null)
        {
            await _host.StopAsync(_sandbox.Path, remove: true, CancellationToken.None);
        }

        if (_alive is not null)
        {
            await _alive.DisposeAsync();
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>Creates a database for one test class.</summary>
    /// <param name="template">The database to copy, to which nobody may be connected; null means an empty one.</param>
    /// <returns>Its name.</returns>
    public async Task<string> CreateDatabaseAsync(string? template = null)
    {
        string name = $"t{Interlocked.Increment(ref s_databases)}_{Guid.NewGuid().ToString("N")[..6]}";
        await using NpgsqlConnection connection = await OpenAsync("postgres");
        await using var command = new NpgsqlCommand($"create database \"{name}\" template \"{template ?? "template0"}\"", connection);
        await command.ExecuteNonQueryAsync();
        return name;
    }

    /// <summary>The settings with another database.</summary>
    public ConnectionSettings SettingsFor(string database) => Settings with { Database = database };

    /// <summary>The connection string of a database, for what a test does behind the library's back; not pooled.</summary>
    public string ConnectionStringFor(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = Settings.Host,
        Port = Settings.Port,
        Username = Settings.UserName,
        Password = Settings.Password,
        Database = database,
        SslMode = Npgsql.SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
        Pooling = false,
    }.ConnectionString;

    /// <summary>An open connection to a database, for what a test does behind the library's back.</summary>
    public async Task<NpgsqlConnection> OpenAsync(string database)
    {
        var connection = new NpgsqlConnection(ConnectionStringFor(database));
        await connection.OpenAsync();
        return connection;
    }

    private static SandboxHost HostIn(string folder) => new(new SandboxEnvironment { StateFolder = Path.Combine(folder, "state") });

    private static string AliveFile(string folder) => Path.Combine(folder, "alive");

    private static string ServerFolder(string folder) => Path.Combine(folder, "server");

    /// <summary>Takes away what a killed test run left: nobody holds its file any more.</summary>
    private static async Task RemoveLeftoversAsync()
    {
        foreach (string folder in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            try
            {
                await using var alive = new FileStream(AliveFile(folder), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another run's, alive or just beginning, or another user's.
                continue;
            }

            SandboxHost host = HostIn(folder);
            if (await host.FindAsync(ServerFolder(folder), CancellationToken.None) is not null)
            {
                await host.StopAsync(ServerFolder(folder), remove: true, CancellationToken.None);
            }

            Directory.Delete(folder, recursive: true);
        }
    }
}
