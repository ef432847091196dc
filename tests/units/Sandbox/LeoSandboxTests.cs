using LeoPS.Sandbox;

namespace LeoPS.Units.Sandbox;

public sealed class LeoSandboxTests
{
    [Fact]
    public void A_sandbox_runs_where_it_has_a_process()
    {
        var stopped = new LeoSandbox { Path = "/home/ada/leops", Port = 5544, UserName = "leops", ServerVersion = "15.18", BinaryPath = "/usr/bin", LogPath = "/home/ada/leops/log" };
        var running = new LeoSandbox { Path = "/home/ada/leops", ProcessId = 4711 };

        Assert.False(stopped.Running);
        Assert.Null(stopped.ProcessId);
        Assert.True(running.Running);
        Assert.Equal(("/home/ada/leops", 5544, "leops", "15.18"), (stopped.Path, stopped.Port, stopped.UserName, stopped.ServerVersion));
        Assert.Equal(("/usr/bin", "/home/ada/leops/log"), (stopped.BinaryPath, stopped.LogPath));
    }

    [Fact]
    public void It_listens_on_loopback_only_and_its_database_is_leops() =>
        Assert.Equal(("127.0.0.1", "leops"), (new LeoSandbox().HostName, new LeoSandbox().Database));

    [Fact]
    public void It_has_no_place_for_a_secret() =>
        Assert.DoesNotContain(typeof(LeoSandbox).GetProperties(), property => property.Name.Contains("Password", StringComparison.OrdinalIgnoreCase)
            || property.Name.Contains("Secret", StringComparison.OrdinalIgnoreCase)
            || property.PropertyType == typeof(ConnectionSettings));

    [Fact]
    public void Unless_told_otherwise_everything_is_chosen_by_the_host()
    {
        var options = new SandboxOptions();

        Assert.Null(options.Path);
        Assert.Null(options.Port);
        Assert.Empty(options.Configuration);
        Assert.Null(options.Log);
    }
}
