using System.Diagnostics;
using System.Globalization;
using LeoPS.Postgres.Sandbox;
using LeoPS.PostgresTests.Sandbox;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>What a test run leaves when it is killed in the middle.</summary>
public sealed class TestRunTests
{
    [PostgresTheory(unix: true)]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public async Task A_run_that_is_killed_leaves_no_server_and_no_folder(string signal)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(SandboxProgram).Assembly.Location);
        start.ArgumentList.Add(SandboxProgram.Hang);

        // A run of its own, not a part of this one.
        start.Environment.Remove(TestRun.FolderVariable);
        using Process run = Process.Start(start)!;
        try
        {
            string[] said = (await run.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2)))!.Split('|');
            string folder = said[0];
            int server = int.Parse(said[1], CultureInfo.InvariantCulture);
            Assert.NotEqual(TestRun.Folder, folder);
            Assert.True(Directory.Exists(folder) && IsAlive(server));

            ProcessResult killed = await ProcessRunner.RunBareAsync("/bin/sh", ["-c", $"kill -{signal} {run.Id}"], "/", CancellationToken.None);
            Assert.True(killed.Succeeded, killed.Complaint);
            await run.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));

            // The folder goes last.
            long since = Stopwatch.GetTimestamp();
            while (Directory.Exists(folder))
            {
                Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(60), $"'{folder}' is still there.");
                await Task.Delay(50);
            }

            Assert.False(IsAlive(server));
        }
        finally
        {
            if (!run.HasExited)
            {
                run.Kill();
            }
        }
    }

    /// <summary>An ended process keeps its number until its parent has asked for its result.</summary>
    private static bool IsAlive(int process)
    {
        if (!OperatingSystem.IsLinux())
        {
            return Process.GetProcesses().Any(one => one.Id == process);
        }

        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }
}
