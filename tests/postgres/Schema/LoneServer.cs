using System.Diagnostics;
using Npgsql;

namespace LeoPS.PostgresTests.Schema;

/// <summary>A PostgreSQL server of a test class's own: roles belong to a whole server, so their absence cannot be tested on a shared one.</summary>
public sealed class LoneServer : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"leops-{Guid.NewGuid():n}"[..14]);

    /// <summary>How to reach it as its superuser, over a unix socket in a folder that only the server's user can enter.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = _folder,
        Port = 54321,
        Username = "owner",
        Database = "postgres",
        Pooling = false,
    }.ConnectionString;

    private static string Binaries => Environment.GetEnvironmentVariable("LEOPS_POSTGRES_BIN")
        ?? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Max()!;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        await RunAsync("install", "-d", "-m", "700", _folder);
        if (Environment.UserName == "root")
        {
            await RunAsync("chown", "postgres", _folder);
        }

        await RunAsServerAsync("initdb", "-D", $"{_folder}/data", "-U", "owner", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C");
        await RunAsServerAsync(
            "pg_ctl", "-D", $"{_folder}/data", "-l", $"{_folder}/log", "-w", "-o", $"-k {_folder} -p 54321 -c listen_addresses= -c fsync=off", "start");
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        await RunAsServerAsync("pg_ctl", "-D", $"{_folder}/data", "-m", "immediate", "-w", "stop");
        Directory.Delete(_folder, recursive: true);
    }

    private static Task RunAsServerAsync(string program, params string[] arguments)
    {
        var path = Path.Combine(Binaries, program);
        return Environment.UserName == "root"
            ? RunAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", path, .. arguments])
            : RunAsync(path, arguments);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // Output goes nowhere: the server inherits it, and a pipe would stay open for as long as the server runs.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/" };
        foreach (var argument in (string[])["-c", "exec \"$@\" >/dev/null 2>&1 </dev/null", "sh", program, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
        }
    }
}
