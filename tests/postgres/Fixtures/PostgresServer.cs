using System.Collections.Concurrent;
using LeoPS.Postgres.Sandbox;
using LeoPS.Sandbox;
using Npgsql;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>One real server for all tests of this assembly, in a folder of its own that goes away at the end.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    // Losing everything in a power cut is fine here, and a test run must not wait for the disk.
    private static readonly string[] Configuration = ["fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 200"];

    private static int s_databases;

    private readonly ConcurrentDictionary<string, Task<string>> _copies = new();

    private TestFolder? _folder;
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

        _folder = await TestFolder.CreateAsync();
        var host = new SandboxHost(_folder.SandboxEnvironment);
        _sandbox = await host.StartAsync(
            new SandboxOptions { Path = _folder.In("server"), Configuration = Configuration }, CancellationToken.None);
        _settings = host.SettingsOf(_sandbox);
    }

    /// <summary>Stops the server, which ends every connection, and starts it on the same port. For a class with a server of its own.</summary>
    public async Task RestartAsync()
    {
        await Task.WhenAll(_copies.Values);
        var host = new SandboxHost(_folder!.SandboxEnvironment);
        await host.StopAsync(Sandbox.Path, remove: false, CancellationToken.None);
        _sandbox = await host.StartAsync(new SandboxOptions { Path = Sandbox.Path, Port = Sandbox.Port }, CancellationToken.None);
    }

    /// <summary>Stops the server and removes its folder.</summary>
    public async Task DisposeAsync()
    {
        try
        {
            await Task.WhenAll(_copies.Values);
        }
        finally
        {
            NpgsqlConnection.ClearAllPools();
            if (_folder is not null)
            {
                await _folder.DisposeAsync();
            }
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

    /// <summary>
    /// A copy of a database to which nobody is connected, for one test. The one for the next test is made while this one runs, because making one takes
    /// longer than most tests do.
    /// </summary>
    /// <returns>Its name.</returns>
    public async Task<string> CopyAsync(string template)
    {
        string name = await (_copies.TryRemove(template, out Task<string>? ready) ? ready : CreateDatabaseAsync(template));
        _ = _copies.GetOrAdd(template, CreateDatabaseAsync);
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
        // A test may fill a table with a million rows while others keep the processors busy.
        CommandTimeout = 600,
    }.ConnectionString;

    /// <summary>An open connection to a database, for what a test does behind the library's back.</summary>
    public async Task<NpgsqlConnection> OpenAsync(string database)
    {
        var connection = new NpgsqlConnection(ConnectionStringFor(database));
        await connection.OpenAsync();
        return connection;
    }
}
