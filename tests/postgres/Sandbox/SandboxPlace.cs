using LeoPS.Postgres.Sandbox;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Sandbox;
using Npgsql;

namespace LeoPS.PostgresTests.Sandbox;

/// <summary>A temporary folder for sandboxes, with a host that knows no others; everything in it is stopped and removed at the end.</summary>
internal sealed class SandboxPlace : IAsyncDisposable
{
    private readonly TestFolder _folder = TestFolder.Create();

    /// <summary>A new place.</summary>
    /// <param name="variables">Environment variables in place of the process's own; null values hide.</param>
    public SandboxPlace(IReadOnlyDictionary<string, string?>? variables = null)
    {
        SandboxEnvironment = new SandboxEnvironment
        {
            StateFolder = In("state"),
            Variable = name => variables is not null && variables.TryGetValue(name, out string? value) ? value : Environment.GetEnvironmentVariable(name),
        };
        Host = new SandboxHost(SandboxEnvironment);
    }

    /// <summary>The temporary folder.</summary>
    public string Root => _folder.Path;

    /// <summary>The folder of this place's one sandbox, where a test has only one.</summary>
    public string Folder => In("server");

    /// <summary>What the host believes of the machine.</summary>
    public SandboxEnvironment SandboxEnvironment { get; }

    /// <summary>The host.</summary>
    public SandboxHost Host { get; }

    /// <summary>Reads one value over a connection of its own.</summary>
    public static async Task<object?> AskAsync(ConnectionSettings settings, string sql)
    {
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = settings.Host,
            Port = settings.Port,
            Database = settings.Database,
            Username = settings.UserName,
            Password = settings.Password,
            SslMode = Npgsql.SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
            Pooling = false,
        };
        await using var connection = new NpgsqlConnection(builder.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>A path in the temporary folder.</summary>
    public string In(string name) => _folder.In(name);

    /// <summary>Starts the one sandbox, or one of another name; a new one does not wait for the disk.</summary>
    public Task<LeoSandbox> StartAsync(string? folder = null, int? port = null, params string[] configuration) => Host.StartAsync(
        new SandboxOptions { Path = folder ?? Folder, Port = port, Configuration = ["fsync = off", .. configuration] }, CancellationToken.None);

    /// <summary>Asks the sandbox as its superuser.</summary>
    public Task<object?> AskAsync(LeoSandbox sandbox, string sql) => AskAsync(Host.SettingsOf(sandbox), sql);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _folder.DisposeAsync();
}
