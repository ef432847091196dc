using System.Diagnostics;

namespace LeoPS.PostgresTests.Sandbox;

/// <summary>Runs the test assembly as a program that starts a sandbox.</summary>
internal static class SandboxProcess
{
    /// <summary>Starts the program.</summary>
    /// <param name="place">Where the list of sandboxes is.</param>
    /// <param name="folder">The sandbox.</param>
    /// <param name="shell">A line of sh that runs the program as "$@"; null means no shell between.</param>
    public static Process Start(SandboxPlace place, string folder, string? shell = null)
    {
        string[] command =
        [
            Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
            "exec", typeof(SandboxProcess).Assembly.Location, folder, place.SandboxEnvironment.StateFolder,
        ];
        string[] whole = shell is null ? command : ["/bin/sh", "-c", shell, "sh", .. command];
        var start = new ProcessStartInfo(whole[0]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in whole.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    /// <summary>What the program prints: process id and port of the server.</summary>
    public static async Task<string> ResultAsync(Process process, TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        Task<string> error = process.StandardError.ReadToEndAsync(deadline.Token);
        string output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        Assert.True(process.ExitCode == 0, await error);
        return output.Trim();
    }
}
