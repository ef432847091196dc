using System.Globalization;
using System.Net.Sockets;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Sandbox;
using Npgsql;

namespace LeoPS.PostgresTests.Sandbox;

public sealed class SandboxLifecycleTests
{
    [PostgresFact]
    public async Task Starts_stops_and_starts_again_with_the_same_data_and_port()
    {
        await using var place = new SandboxPlace();
        LeoSandbox first = await place.StartAsync();
        Assert.True(first.Running);
        Assert.Equal(("127.0.0.1", "leops", "leops"), (first.HostName, first.Database, first.UserName));
        await place.AskAsync(first, "create table kept as select 42 as answer");

        await place.Host.StopAsync(place.Folder, remove: false, CancellationToken.None);
        LeoSandbox? stopped = await place.Host.FindAsync(place.Folder, CancellationToken.None);
        Assert.NotNull(stopped);
        Assert.False(stopped.Running);
        Assert.Equal(first.Port, stopped.Port);
        await place.Host.StopAsync(place.Folder, remove: false, CancellationToken.None);

        LeoSandbox second = await place.StartAsync();
        Assert.NotEqual(first.ProcessId, second.ProcessId);
        Assert.Equal(first.Port, second.Port);
        Assert.Equal(42, await place.AskAsync(second, "select answer from kept"));
        Assert.StartsWith(second.ServerVersion, (string)(await place.AskAsync(second, "show server_version"))!, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_running_one_is_returned_as_it_is()
    {
        await using var place = new SandboxPlace();
        LeoSandbox first = await place.StartAsync();
        LeoSandbox again = await place.StartAsync(place.Folder + Path.DirectorySeparatorChar);
        Assert.Equal((first.ProcessId, first.Port, first.Path), (again.ProcessId, again.Port, again.Path));
    }

    [PostgresFact]
    public async Task Two_run_at_once_and_are_listed_until_they_are_removed()
    {
        await using var place = new SandboxPlace();
        LeoSandbox[] both = await Task.WhenAll(place.StartAsync(place.In("one")), place.StartAsync(place.In("two")));
        Assert.NotEqual(both[0].Port, both[1].Port);
        await place.AskAsync(both[0], "create table only_in_one ()");
        Assert.Equal(DBNull.Value, await place.AskAsync(both[1], "select to_regclass('only_in_one')::text"));

        await place.Host.StopAsync(both[0].Path, remove: true, CancellationToken.None);
        Assert.False(Directory.Exists(both[0].Path));
        LeoSandbox left = Assert.Single(await place.Host.ListAsync(CancellationToken.None));
        Assert.Equal(both[1].Path, left.Path);
        Assert.True(left.Running);
    }

    [PostgresFact]
    public async Task The_list_forgets_a_folder_that_is_gone()
    {
        await using var place = new SandboxPlace();
        await place.StartAsync();
        await place.Host.StopAsync(place.Folder, remove: false, CancellationToken.None);
        Assert.Single(await place.Host.ListAsync(CancellationToken.None));
        Directory.Delete(place.Folder, recursive: true);
        Assert.Empty(await place.Host.ListAsync(CancellationToken.None));
        Assert.Empty(Directory.GetFiles(place.SandboxEnvironment.RegistryFolder));
        Assert.Null(await place.Host.FindAsync(place.Folder, CancellationToken.None));
    }

    [PostgresFact]
    public async Task Remove_leaves_a_file_that_is_not_ours()
    {
        await using var place = new SandboxPlace();
        await place.StartAsync();
        string mine = Path.Combine(place.Folder, "notes.txt");
        await File.WriteAllTextAsync(mine, "mine");
        await place.Host.StopAsync(place.Folder, remove: true, CancellationToken.None);
        Assert.Equal([mine], Directory.GetFileSystemEntries(place.Folder));
    }

    [PostgresFact]
    public async Task Only_a_password_opens_it_and_only_on_loopback()
    {
        await using var place = new SandboxPlace();
        LeoSandbox sandbox = await place.StartAsync(configuration: ["listen_addresses = '*'"]);
        ConnectionSettings settings = place.Host.SettingsOf(sandbox);
        Assert.Equal("sandbox", settings.Source);
        Assert.Equal(48, settings.Password!.Length);
        foreach (string? wrong in new[] { null, "", "wrong" })
        {
            Exception refused = await Assert.ThrowsAnyAsync<NpgsqlException>(() => SandboxPlace.AskAsync(settings with { Password = wrong }, "select 1"));
            Assert.True(refused is not PostgresException e || e.SqlState.StartsWith("28", StringComparison.Ordinal), refused.Message);
        }

        Assert.Equal("127.0.0.1", await SandboxPlace.AskAsync(settings, "show listen_addresses"));
        Assert.Equal("", await SandboxPlace.AskAsync(settings, "show unix_socket_directories"));
        Assert.Equal(0L, await SandboxPlace.AskAsync(settings, "select count(*) from pg_hba_file_rules where auth_method <> 'scram-sha-256'"));
        Assert.StartsWith("SCRAM-SHA-256", (string)(await SandboxPlace.AskAsync(settings, "select rolpassword from pg_authid where rolname = 'leops'"))!, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task The_password_is_in_its_file_and_nowhere_else()
    {
        await using var place = new SandboxPlace();
        LeoSandbox sandbox = await place.StartAsync();
        string password = place.Host.SettingsOf(sandbox).Password!;
        string file = Path.Combine(place.Folder, "password");
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        await place.Host.StopAsync(place.Folder, remove: false, CancellationToken.None);
        var enumeration = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None };
        string[] holders = new[] { place.Folder, place.SandboxEnvironment.StateFolder }
            .SelectMany(folder => Directory.GetFiles(folder, "*", enumeration))
            .Where(path => File.ReadAllText(path).Contains(password, StringComparison.Ordinal)).ToArray();
        Assert.Equal([file], holders);
    }

    [PostgresFact]
    public async Task The_database_is_utf8_and_the_configuration_lines_hold()
    {
        await using var place = new SandboxPlace();
        LeoSandbox sandbox = await place.Host.StartAsync(
            new SandboxOptions { Path = place.Folder, Configuration = ["work_mem = '7MB'", "jit = on"] }, CancellationToken.None);
        Assert.Equal("UTF8", await place.AskAsync(sandbox, "show server_encoding"));
        Assert.Equal("C", await place.AskAsync(sandbox, "select datcollate from pg_database where datname = current_database()"));
        Assert.Equal("7MB", await place.AskAsync(sandbox, "show work_mem"));
        Assert.Equal("on", await place.AskAsync(sandbox, "show jit"));
        Assert.Equal("on", await place.AskAsync(sandbox, "show fsync"));
        Assert.Equal("UTC", await place.AskAsync(sandbox, "show timezone"));
    }

    [PostgresTheory]
    [InlineData("with spaces and Grüße 東京 🦁")]
    [InlineData("$(touch x) `id` 'q' %PATH% & ;")]
    public async Task A_folder_may_have_any_name(string name)
    {
        await using var place = new SandboxPlace();
        LeoSandbox sandbox = await place.StartAsync(place.In(name));
        Assert.Equal(1, await place.AskAsync(sandbox, "select 1"));
        Assert.Equal(sandbox.Port, Assert.Single(await place.Host.ListAsync(CancellationToken.None)).Port);
        await place.Host.StopAsync(sandbox.Path, remove: true, CancellationToken.None);
        Assert.False(Directory.Exists(sandbox.Path));
    }

    [PostgresFact]
    public async Task Settings_of_a_stopped_one_are_refused()
    {
        await using var place = new SandboxPlace();
        LeoSandbox sandbox = await place.StartAsync();
        await place.Host.StopAsync(place.Folder, remove: false, CancellationToken.None);
        LeoException e = Assert.Throws<LeoException>(() => place.Host.SettingsOf(sandbox));
        Assert.Equal(LeoErrorId.SandboxFailed, e.ErrorId);
        Assert.Contains("Start-LeoSandbox", e.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_dropped_database_comes_back_with_the_next_start()
    {
        await using var place = new SandboxPlace();
        LeoSandbox sandbox = await place.StartAsync();
        await SandboxPlace.AskAsync(place.Host.SettingsOf(sandbox) with { Database = "postgres" }, "drop database leops");
        sandbox = await place.StartAsync();
        Assert.Equal("leops", await place.AskAsync(sandbox, "select current_database()::text"));
    }

    [PostgresFact(unix: true)]
    public async Task The_server_holds_no_handle_of_the_process_that_started_it()
    {
        await using var place = new SandboxPlace();

        // Reading to the end only returns when the last holder of the pipe is gone, under whichever number it was inherited.
        using var process = SandboxProcess.Start(place, place.Folder, "exec 3>&1 7>&2 9>&1; exec \"$@\"");
        string result = await SandboxProcess.ResultAsync(process, TimeSpan.FromSeconds(60));
        LeoSandbox? sandbox = await place.Host.FindAsync(place.Folder, CancellationToken.None);
        Assert.Equal($"{sandbox!.ProcessId} {sandbox.Port}", result);
    }

    [PostgresFact(linux: true)]
    public async Task The_server_is_in_a_session_of_its_own_and_runs_as_nobody_special()
    {
        await using var place = new SandboxPlace();
        LeoSandbox sandbox = await place.StartAsync();
        string stat = await File.ReadAllTextAsync($"/proc/{sandbox.ProcessId}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        string id = sandbox.ProcessId!.Value.ToString(CultureInfo.InvariantCulture);
        Assert.Equal((id, id), (fields[2], fields[3]));

        string status = await File.ReadAllTextAsync($"/proc/{sandbox.ProcessId}/status");
        Assert.DoesNotContain("Uid:\t0\t", status, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_cancelled_start_leaves_a_folder_that_starts_later()
    {
        await using var place = new SandboxPlace();
        foreach (int milliseconds in new[] { 0, 150, 500, 900, 1200 })
        {
            using var cancellation = new CancellationTokenSource(milliseconds);
            try
            {
                await place.Host.StartAsync(new SandboxOptions { Path = place.Folder }, cancellation.Token);
            }
            catch (OperationCanceledException)
            {
            }

            Assert.Empty(Directory.Exists(place.Folder) ? Directory.GetDirectories(place.Folder, "making-*") : []);
        }

        Assert.Equal(1, await place.AskAsync(await place.StartAsync(), "select 1"));
    }

    [PostgresFact]
    public async Task A_stopped_server_no_longer_listens()
    {
        await using var place = new SandboxPlace();
        LeoSandbox sandbox = await place.StartAsync();
        await place.Host.StopAsync(place.Folder, remove: false, CancellationToken.None);
        using var client = new TcpClient();
        await Assert.ThrowsAnyAsync<SocketException>(() => client.ConnectAsync("127.0.0.1", sandbox.Port));
    }
}
