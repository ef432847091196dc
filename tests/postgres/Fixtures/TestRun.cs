using System.Diagnostics;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>
/// The folder of this test run. On Unix a shell (tools/end-run.sh) waits for the end of this process, in whatever way it ends, and then stops
/// the servers and processes of the run and removes the folder. On Windows the next run does it (<see cref="TestFolder"/>).
/// </summary>
internal static class TestRun
{
    /// <summary>The environment variable that names the folder, and by which the processes of a run are known.</summary>
    public const string FolderVariable = "LEOPS_RUN_FOLDER";

    private static readonly Lazy<string> OfThisProcess = new(Begin);

    // Kept, so that its standard input stays open as long as this process lives.
    private static Process? s_endRun;

    /// <summary>A folder that the server's user can enter.</summary>
    public static string Folder => OfThisProcess.Value;

    private static string Begin()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } outer && Directory.Exists(outer))
        {
            // A larger run, which ends what is in its folder.
            return outer;
        }

        if (OperatingSystem.IsWindows())
        {
            return Path.GetTempPath();
        }

        string folder = Path.Combine(Path.GetTempPath(), "leops-run-" + Guid.NewGuid().ToString("N")[..8]);
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, TestFolder.Open);
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "end-run.sh"));
        start.ArgumentList.Add(folder);
        s_endRun = Process.Start(start)!;

        // After the start, because this process alone ends the shell.
        Environment.SetEnvironmentVariable(FolderVariable, folder);
        Environment.SetEnvironmentVariable("TMPDIR", folder);
        return folder;
    }
}
