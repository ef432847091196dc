using System.Diagnostics;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.PostgresTests.Sandbox;

namespace LeoPS.PostgresTests;

/// <summary>The demo's job through the library, as "./build.sh demo" runs it where there is no PowerShell.</summary>
public sealed class ExampleTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    [PostgresFact]
    public async Task The_program_tells_its_story_and_tells_it_again()
    {
        await using var place = new SandboxPlace();
        string[] first = await RunAsync(place.Folder);
        string[] second = await RunAsync(place.Folder);

        Assert.Contains("10 handoffs are ready", first);
        Assert.Equal(10, first.SkipWhile(l => !l.StartsWith("Sent in", StringComparison.Ordinal)).Skip(1).TakeWhile(l => l.Contains("  Sent ", StringComparison.Ordinal)).Count());
        Assert.Single(first, l => l.Contains("StatusConflict: Handoff ", StringComparison.Ordinal));
        Assert.Single(first, l => l.Contains("InvalidTransition: Handoff ", StringComparison.Ordinal));
        Assert.Single(first, l => l.Contains("FlowNotRunnable: Flow quarterly-portfolio-review", StringComparison.Ordinal));
        Assert.Single(first, l => l.Contains("InvalidTransition: Execution ", StringComparison.Ordinal));
        Assert.Equal(2, first.Count(l => l == "What it all came to"));
        Assert.Equal(10, Totals(first).Length);
        Assert.Equal(Totals(first), Totals(second));
        Assert.False((await place.Host.FindAsync(place.Folder, CancellationToken.None))!.Running);
    }

    /// <summary>A status and a number; nothing else looks like that.</summary>
    private static string[] Totals(string[] lines) =>
        [.. lines.Where(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var count] && int.TryParse(count, out _))];

    private static async Task<string[]> RunAsync(string folder)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in new[] { "exec", Path.Combine(AppContext.BaseDirectory, "LeoPS.Example.dll"), folder })
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        return (await SandboxProcess.ResultAsync(process, _patience)).Split('\n', StringSplitOptions.TrimEntries);
    }
}
