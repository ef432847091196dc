using LeoPS.Postgres.Sandbox;
using Npgsql;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A server whose messages are English or German. On Debian's servers only, which bring their translations along.</summary>
public sealed class GermanServer : IAsyncDisposable
{
    private const string Locale = "de_DE.UTF-8";

    private readonly ServerUser _user;
    private readonly TestFolder _folder;

    private GermanServer(PostgresServer server, ServerUser user, TestFolder folder)
    {
        Server = server;
        _user = user;
        _folder = folder;
    }

    /// <summary>The server.</summary>
    public PostgresServer Server { get; }

    /// <summary>Why there are no German messages here; null where there are.</summary>
    internal static string? MissingBecause => PostgresAvailability.MissingBecause ?? (
        !OperatingSystem.IsLinux() ? "Only on Linux."
        : !IsOfDebian($"{PostgresAvailability.Folder}/postgres") ? "Only servers of Debian's packages bring German messages along."
        : !File.Exists($"/usr/share/locale/de/LC_MESSAGES/postgres-{PostgresAvailability.Major}.mo") ? "The server's German messages are not installed."
        : !File.Exists("/usr/share/i18n/locales/de_DE") || !File.Exists("/usr/bin/localedef") ? "The locale de_DE cannot be made: its sources (package locales) are not installed."
        : null);

    private static bool IsOfDebian(string program) =>
        (File.ResolveLinkTarget(program, returnFinalTarget: true)?.FullName ?? program).StartsWith("/usr/lib/postgresql/", StringComparison.Ordinal);

    /// <summary>Starts one that knows the German locale, which is made in a folder of its own.</summary>
    public static async Task<GermanServer> StartAsync()
    {
        TestFolder folder = await TestFolder.CreateAsync();
        var server = new PostgresServer();
        await server.InitializeAsync();
        // It exits with 1 for warnings, too; the server refuses a locale that is not there.
        await ProcessRunner.RunBareAsync("/usr/bin/localedef", ["-i", "de_DE", "-f", "UTF-8", folder.In(Locale)], folder.Path, CancellationToken.None);
        ServerUser user = await ServerUser.ResolveAsync(folder.SandboxEnvironment, owner: null, CancellationToken.None);
        var german = new GermanServer(server, user, folder);
        await german.ControlAsync("restart", "-m", "fast", "-l", "data/restarted.log");
        return german;
    }

    /// <summary>Has the server speak one of the two languages, to sessions and to those who log in.</summary>
    public async Task SpeakAsync(bool isGerman)
    {
        string locale = isGerman ? Locale : "C";
        await RunAsync($"alter system set lc_messages = '{locale}'");
        await RunAsync("select pg_reload_conf()");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (await SaysAsync() != isGerman)
        {
            await Task.Delay(20, patience.Token);
        }
    }

    /// <summary>Has the server refuse new sessions because it shuts down, as long as one that is there goes on; then starts it again.</summary>
    public async Task WhileShuttingDownAsync(Func<Task> work)
    {
        NpgsqlConnection.ClearAllPools();
        await using (NpgsqlConnection held = await Server.OpenAsync("postgres"))
        {
            await ControlAsync("stop", "-m", "smart", "-W");
            await Task.Delay(300);
            await work();
        }

        await ControlAsync("restart", "-m", "fast", "-l", "data/restarted.log");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await _folder.DisposeAsync();
    }

    /// <summary>True where the server sends German messages to the one who logs in.</summary>
    private async Task<bool> SaysAsync()
    {
        PostgresException refusal = await Assert.ThrowsAsync<PostgresException>(async () => await Server.OpenAsync("no such database"));
        return refusal.MessageText.Contains("existiert nicht", StringComparison.Ordinal);
    }

    private async Task RunAsync(string sql)
    {
        await using NpgsqlConnection connection = await Server.OpenAsync("postgres");
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>pg_ctl, with the folder of the locale.</summary>
    private async Task ControlAsync(params string[] arguments)
    {
        ProcessResult result = await _user.RunAsync(
            "/usr/bin/env",
            [$"LOCPATH={_folder.Path}", $"{PostgresAvailability.Folder}/pg_ctl", .. arguments, "-D", "data", "-s"],
            Server.Sandbox.Path,
            CancellationToken.None);
        Assert.True(result.Succeeded, result.Complaint);
    }
}

/// <summary>A test that needs a server with German messages; skipped with its reason where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GermanFactAttribute : FactAttribute
{
    /// <summary>A test against a server that speaks German.</summary>
    public GermanFactAttribute() => Skip = GermanServer.MissingBecause;
}
