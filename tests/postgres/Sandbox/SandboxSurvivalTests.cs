using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LeoPS.Postgres.Sandbox;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Sandbox;

namespace LeoPS.PostgresTests.Sandbox;

public sealed class SandboxSurvivalTests
{
    [PostgresFact]
    public async Task A_killed_server_is_found_dead_and_starts_again_with_its_data()
    {
        await using var place = new SandboxPlace();
        LeoSandbox sandbox = await place.StartAsync();
        await place.AskAsync(sandbox, "create table kept as select 42 as answer");
        Task<object?> busy = place.AskAsync(sandbox, "select pg_sleep(60)");
        await Kill(sandbox.ProcessId!.Value);
        await Assert.ThrowsAnyAsync<Exception>(() => busy);
        Assert.False((await place.Host.FindAsync(place.Folder, CancellationToken.None))!.Running);

        LeoSandbox again = await place.StartAsync();
        Assert.Equal(42, await place.AskAsync(again, "select answer from kept"));
        Assert.Equal(sandbox.Port, again.Port);
    }

    [PostgresFact]
    public async Task A_killed_server_can_be_stopped_and_removed()
    {
        await using var place = new SandboxPlace();
        LeoSandbox sandbox = await place.StartAsync();
        await Kill(sandbox.ProcessId!.Value);
        await place.Host.StopAsync(place.Folder, remove: false, CancellationToken.None);
        await place.Host.StopAsync(place.Folder, remove: true, CancellationToken.None);
        Assert.False(Directory.Exists(place.Folder));
    }

    [PostgresFact(unix: true)]
    public async Task A_stale_number_on_an_unrelated_process_of_the_same_user_is_seen_through_and_left_alone()
    {
        await using var place = new SandboxPlace();
        ServerUser user = await ServerUser.ResolveAsync(place.SandboxEnvironment, owner: null, CancellationToken.None);
        ProcessResult started = await user.RunAsync("/bin/sh", ["-c", "sleep 120 >/dev/null 2>&1 & echo $!"], "/", CancellationToken.None);
        int stranger = int.Parse(started.Output, CultureInfo.InvariantCulture);
        using var process = Process.GetProcessById(stranger);
        try
        {
            await CheckStaleAsync(place, stranger);
            Assert.False(process.HasExited);
        }
        finally
        {
            process.Kill();
        }
    }

    [PostgresFact]
    public async Task A_stale_number_on_another_sandbox_server_is_seen_through()
    {
        await using var place = new SandboxPlace();
        LeoSandbox other = await place.StartAsync(place.In("other"));
        await CheckStaleAsync(place, other.ProcessId!.Value);
        Assert.Equal(other.ProcessId, (await place.Host.FindAsync(other.Path, CancellationToken.None))!.ProcessId);
        Assert.Equal(1, await place.AskAsync(other, "select 1"));
    }

    [PostgresTheory]
    [InlineData("")]
    [InlineData("garbage\n")]
    [InlineData("999999999\n/nowhere\n1\n5432\n\n127.0.0.1\n")]
    public async Task A_damaged_or_dead_postmaster_file_does_not_stop_a_start(string text)
    {
        await using var place = new SandboxPlace();
        await place.StartAsync();
        await place.Host.StopAsync(place.Folder, remove: false, CancellationToken.None);
        await File.WriteAllTextAsync(PostmasterFile.PathIn(Path.Combine(place.Folder, "data")), text);
        Assert.False((await place.Host.FindAsync(place.Folder, CancellationToken.None))!.Running);
        Assert.Equal(1, await place.AskAsync(await place.StartAsync(), "select 1"));
    }

    [PostgresFact]
    public async Task A_remembered_port_that_is_taken_gives_way_to_a_free_one()
    {
        await using var place = new SandboxPlace();
        LeoSandbox first = await place.StartAsync();
        await place.Host.StopAsync(place.Folder, remove: false, CancellationToken.None);
        using var squatter = new TcpListener(IPAddress.Loopback, first.Port);
        squatter.Start();
        LeoSandbox second = await place.StartAsync();
        Assert.NotEqual(first.Port, second.Port);
        Assert.Equal(1, await place.AskAsync(second, "select 1"));
    }

    [PostgresFact]
    public async Task A_port_that_was_asked_for_and_is_taken_is_an_error_and_a_free_one_is_used()
    {
        await using var place = new SandboxPlace();
        using var squatter = new TcpListener(IPAddress.Loopback, 0);
        squatter.Start();
        int port = ((IPEndPoint)squatter.LocalEndpoint).Port;
        LeoException e = await Assert.ThrowsAsync<LeoException>(() => place.StartAsync(port: port));
        Assert.Equal(LeoErrorId.SandboxFailed, e.ErrorId);
        Assert.Contains(port.ToString(CultureInfo.InvariantCulture), e.Message, StringComparison.Ordinal);

        squatter.Stop();
        Assert.Equal(port, (await place.StartAsync(port: port)).Port);
    }

    [PostgresFact]
    public async Task What_a_killed_initdb_left_is_taken_away_and_made_anew()
    {
        await using var place = new SandboxPlace();
        LeoSandbox sandbox = await place.StartAsync();
        await place.Host.StopAsync(place.Folder, remove: false, CancellationToken.None);
        string data = Path.Combine(place.Folder, "data");
        string making = Path.Combine(place.Folder, "making-0123abcd");
        Directory.CreateDirectory(making);
        Directory.Move(data, Path.Combine(making, "data"));
        File.Delete(Path.Combine(making, "data", "PG_VERSION"));

        LeoSandbox again = await place.StartAsync();
        Assert.Equal(sandbox.Path, again.Path);
        Assert.False(Directory.Exists(making));
        Assert.Equal(1, await place.AskAsync(again, "select 1"));
    }

    [PostgresTheory]
    [InlineData("making-*")]
    [InlineData("data")]
    [InlineData("log")]
    public async Task A_process_killed_while_it_makes_a_sandbox_leaves_one_that_starts(string killedWhen)
    {
        await using var place = new SandboxPlace();
        using var process = SandboxProcess.Start(place, place.Folder);
        var watch = Stopwatch.StartNew();
        while (!Directory.Exists(place.Folder) || Directory.GetDirectories(place.Folder, killedWhen).Length == 0)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60) && !process.HasExited, "The program never came that far.");
            await Task.Delay(5);
        }

        process.Kill();
        await process.WaitForExitAsync();
        LeoSandbox sandbox = await place.StartAsync();
        Assert.Equal(1, await place.AskAsync(sandbox, "select 1"));
        Assert.Empty(Directory.GetDirectories(place.Folder, "making-*"));
    }

    [PostgresFact]
    public async Task Two_processes_that_start_one_folder_get_one_server()
    {
        await using var place = new SandboxPlace();
        using var one = SandboxProcess.Start(place, place.Folder);
        using var two = SandboxProcess.Start(place, place.Folder);
        string[] results = await Task.WhenAll(
            SandboxProcess.ResultAsync(one, TimeSpan.FromSeconds(90)), SandboxProcess.ResultAsync(two, TimeSpan.FromSeconds(90)));
        Assert.Equal(results[0], results[1]);
    }

    [PostgresFact]
    public async Task Starts_and_removals_of_one_folder_at_once_take_turns()
    {
        await using var place = new SandboxPlace();
        LeoSandbox[] started = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => place.StartAsync()));
        Assert.Single(started.Select(sandbox => sandbox.ProcessId).Distinct());

        Task<LeoSandbox>[] starts = [place.StartAsync(), place.StartAsync()];
        Task removal = place.Host.StopAsync(place.Folder, remove: true, CancellationToken.None);
        await Task.WhenAll([.. starts, removal]);
        LeoSandbox last = await place.StartAsync();
        Assert.Equal(1, await place.AskAsync(last, "select 1"));
    }

    private static async Task Kill(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
        var watch = Stopwatch.StartNew();
        while (OperatingSystem.IsLinux() && File.Exists($"/proc/{processId}/stat")
            && !(await File.ReadAllTextAsync($"/proc/{processId}/stat")).Contains(") Z", StringComparison.Ordinal))
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), "The server did not die.");
            await Task.Delay(10);
        }
    }

    /// <summary>Leaves a postmaster.pid as a killed server would, with a number that another process has now.</summary>
    private static async Task CheckStaleAsync(SandboxPlace place, int stranger)
    {
        LeoSandbox sandbox = await place.StartAsync();
        string file = PostmasterFile.PathIn(Path.Combine(place.Folder, "data"));
        string[] lines = await File.ReadAllLinesAsync(file);
        await place.Host.StopAsync(place.Folder, remove: false, CancellationToken.None);
        lines[0] = stranger.ToString(CultureInfo.InvariantCulture);
        await File.WriteAllLinesAsync(file, lines);

        Assert.False((await place.Host.FindAsync(place.Folder, CancellationToken.None))!.Running);
        await place.Host.StopAsync(place.Folder, remove: false, CancellationToken.None);
        LeoSandbox again = await place.StartAsync();
        Assert.NotEqual(stranger, again.ProcessId);
        Assert.NotEqual(sandbox.ProcessId, again.ProcessId);
        Assert.Equal(1, await place.AskAsync(again, "select 1"));
    }
}
