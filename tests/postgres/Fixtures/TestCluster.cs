using System.Diagnostics;
using LeoPS.Postgres.Sandbox;
using LeoPS.Sandbox;
using Npgsql;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A primary and a standby that streams from it, in a folder that goes away at the end. On Unix only.</summary>
public sealed class TestCluster : IAsyncLifetime
{
    private TestFolder? _folder;
    private SandboxHost? _host;
    private PostgresBinaries? _binaries;
    private ServerUser? _user;
    private LeoSandbox? _primary;
    private LeoSandbox? _standby;
    private ConnectionSettings? _settings;

    /// <summary>The port of the server that began as the primary.</summary>
    public int PrimaryPort => _primary!.Port;

    /// <summary>The port of the server that began as the standby.</summary>
    public int StandbyPort => _standby!.Port;

    /// <summary>How to connect to both as superuser, the primary first.</summary>
    public ConnectionSettings Settings => Through(PrimaryPort, StandbyPort);

    /// <summary>How to connect to whichever listens on these ports.</summary>
    public ConnectionSettings Through(params int[] ports) =>
        _settings! with { Host = string.Join(',', ports.Select(port => $"127.0.0.1:{port}")), Port = ports[0] };

    /// <summary>Starts both.</summary>
    public async Task InitializeAsync()
    {
        if (PostgresAvailability.MissingBecause is not null || OperatingSystem.IsWindows())
        {
            return;
        }

        _folder = await TestFolder.CreateAsync();
        _host = new SandboxHost(_folder.SandboxEnvironment);
        _user = await ServerUser.ResolveAsync(_folder.SandboxEnvironment, owner: null, CancellationToken.None);
        _binaries = await _host.FindBinariesAsync(CancellationToken.None);
        var primary = new SandboxOptions { Path = _folder.In("primary"), Configuration = ["fsync = off"] };
        _primary = await _host.StartAsync(primary, CancellationToken.None);

        // A copy of the files at rest: pg_basebackup is not on every machine that has a server.
        await _host.StopAsync(_primary.Path, remove: false, CancellationToken.None);
        var folder = SandboxFolder.At(_folder.In("standby"));
        await CopyAsync(SandboxFolder.At(_primary.Path), folder);
        _primary = await _host.StartAsync(primary, CancellationToken.None);
        _settings = _host.SettingsOf(_primary);
        await FollowAsync(folder);
        _standby = await _host.StartAsync(new SandboxOptions { Path = _folder.In("standby") }, CancellationToken.None);
    }

    /// <summary>From now on a commit on the primary is answered when the standby has applied it.</summary>
    public async Task WaitForStandbyAsync()
    {
        await RunAsync(PrimaryPort, "alter system set synchronous_standby_names = '*'");
        await RunAsync(PrimaryPort, "alter system set synchronous_commit = remote_apply");
        await RunAsync(PrimaryPort, "select pg_reload_conf()");
        await UntilAsync(PrimaryPort, "select count(*) from pg_stat_replication where sync_state = 'sync'", 1);
    }

    /// <summary>Ends the primary without a word to anybody, as a power cut does.</summary>
    public Task KillPrimaryAsync() => ControlAsync("primary", "stop", "-m", "immediate");

    /// <summary>Makes the standby the primary.</summary>
    public Task PromoteAsync() => ControlAsync("standby", "promote");

    /// <summary>Runs SQL on one of them.</summary>
    public async Task RunAsync(int port, string sql)
    {
        await using NpgsqlConnection connection = await OpenAsync(port);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of the first row.</summary>
    public async Task<T> ScalarAsync<T>(int port, string sql)
    {
        await using NpgsqlConnection connection = await OpenAsync(port);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Waits until a count is what it should be; at most twenty seconds.</summary>
    public async Task UntilAsync(int port, string sql, long expected)
    {
        long start = Stopwatch.GetTimestamp();
        await using NpgsqlConnection connection = await OpenAsync(port);
        await using var command = new NpgsqlCommand(sql, connection);
        while ((long)(await command.ExecuteScalarAsync())! != expected)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20), $"Still not {expected}: {sql}");
            await Task.Delay(10);
        }
    }

    /// <summary>Stops both and removes the folder.</summary>
    public async Task DisposeAsync()
    {
        if (_folder is not null)
        {
            await _folder.DisposeAsync();
        }
    }

    /// <summary>Makes a folder that starts like any sandbox.</summary>
    private async Task CopyAsync(SandboxFolder from, SandboxFolder to)
    {
        string making = to.NewMaking();
        Directory.CreateDirectory(making);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(to.Root, TestFolder.Open);
        }

        await _user!.OwnAsync(making, CancellationToken.None);
        ProcessResult copied = await _user.RunAsync("/bin/cp", ["-a", from.Data, Path.Combine(making, "data")], making, CancellationToken.None);
        Assert.True(copied.Succeeded, copied.Complaint);
        Directory.Move(Path.Combine(making, "data"), to.Data);
        File.Copy(from.Password, to.Password);
        to.WriteState(new SandboxState { Id = Guid.NewGuid(), ServerUser = _user.Name });
    }

    /// <summary>Has the copy follow the primary, from where it was copied.</summary>
    private async Task FollowAsync(SandboxFolder standby)
    {
        string passwords = _folder!.In("passwords");
        OwnerOnlyFile.Create(passwords, $"*:*:*:*:{_settings!.Password}\n");
        await _user!.OwnAsync(passwords, CancellationToken.None);
        await File.AppendAllTextAsync(
            Path.Combine(standby.Data, "postgresql.auto.conf"),
            $"primary_conninfo = 'host=127.0.0.1 port={PrimaryPort} user={ClusterMaker.SuperUser} passfile={passwords}'\n");
        await File.WriteAllTextAsync(Path.Combine(standby.Data, "standby.signal"), "");
    }

    private async Task ControlAsync(string folder, string what, params string[] options)
    {
        ProcessResult result = await _user!.RunAsync(_binaries!.PgCtl, [what, "-D", "data", "-s", "-w", .. options], _folder!.In(folder), CancellationToken.None);
        Assert.True(result.Succeeded, result.Complaint);
    }

    private async Task<NpgsqlConnection> OpenAsync(int port)
    {
        ConnectionSettings settings = _settings!;
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = port,
            Username = settings.UserName,
            Password = settings.Password,
            Database = settings.Database,
            SslMode = Npgsql.SslMode.Disable,
            Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
