using LeoPS.Postgres.Sandbox;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A temporary folder for sandboxes. What a killed test run left on Windows is stopped and removed by the next one.</summary>
internal sealed class TestFolder : IAsyncDisposable
{
    /// <summary>What a folder needs for the server's user to come through.</summary>
    public const UnixFileMode Open = (UnixFileMode)0b111_101_101;

    private const string Prefix = "leops-tests-";
    private const string AliveName = "alive";

    private static readonly Lazy<Task> Swept = new(() => Task.Run(SweepAsync));

    private readonly FileStream _alive;

    private TestFolder(string path)
    {
        Path = path;
        _alive = new FileStream(In(AliveName), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        SandboxEnvironment = new SandboxEnvironment { StateFolder = In("state") };
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>An environment whose list of sandboxes is in the folder.</summary>
    public SandboxEnvironment SandboxEnvironment { get; }

    /// <summary>A new folder.</summary>
    public static async Task<TestFolder> CreateAsync()
    {
        await Swept.Value;
        return Create();
    }

    /// <summary>A new folder, without a look at what others left.</summary>
    public static TestFolder Create()
    {
        string path = System.IO.Path.Combine(TestRun.Folder, Prefix + Guid.NewGuid().ToString("N")[..8]);
        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, Open);
        }

        return new TestFolder(path);
    }

    /// <summary>A path in the folder.</summary>
    public string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Stops and removes every sandbox in the folder, then the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAllAsync(Path);
        await _alive.DisposeAsync();
        Directory.Delete(Path, recursive: true);
    }

    private static async Task StopAllAsync(string path)
    {
        var host = new SandboxHost(new SandboxEnvironment { StateFolder = System.IO.Path.Combine(path, "state") });
        foreach (string folder in Directory.EnumerateDirectories(path).ToList())
        {
            if (await host.FindAsync(folder, CancellationToken.None) is not null)
            {
                await host.StopAsync(folder, remove: true, CancellationToken.None);
            }
        }
    }

    private static async Task SweepAsync()
    {
        foreach (string folder in Directory.EnumerateDirectories(TestRun.Folder, Prefix + "*").ToList())
        {
            try
            {
                await using (new FileStream(System.IO.Path.Combine(folder, AliveName), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                {
                    // Nobody holds it: its test run is dead.
                }

                await StopAllAsync(folder);
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or LeoException)
            {
                // A living run's, another user's, or being swept by another run at this moment.
                Console.WriteLine($"Left '{folder}' alone: {e.Message}");
            }
        }
    }
}
