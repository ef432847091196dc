using System.Net;
using System.Net.Sockets;
using LeoPS.Ports;
using LeoPS.Postgres;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Connections;

/// <summary>Which of several hosts is connected to, with a primary and a standby that stream.</summary>
public sealed class SeveralHostsTests(TestCluster cluster) : IClassFixture<TestCluster>
{
    private const string Standby = "The server is a standby. Connect to the primary.";

    [PostgresTheory(unix: true)]
    [InlineData(null, false, "primary")]
    [InlineData(null, true, "standby")]
    [InlineData("any", false, "first")]
    [InlineData("primary", false, "primary")]
    [InlineData("primary", true, "primary")]
    [InlineData("read-write", false, "primary")]
    [InlineData("standby", false, "standby")]
    [InlineData("read-only", false, "standby")]
    [InlineData("prefer-standby", false, "standby")]
    [InlineData("prefer-primary", true, "primary")]
    public async Task The_one_that_is_wanted_is_found_in_any_order(string? wanted, bool readOnly, string expected)
    {
        foreach (int[] ports in new[] { new[] { cluster.PrimaryPort, cluster.StandbyPort }, [cluster.StandbyPort, cluster.PrimaryPort] })
        {
            DatabaseReport report = await TestAsync(cluster.Through(ports) with { TargetSession = wanted, ReadOnly = readOnly });
            Assert.Equal(expected switch { "primary" => cluster.PrimaryPort, "standby" => cluster.StandbyPort, _ => ports[0] }, report.Port);
            Assert.Equal("127.0.0.1", report.HostName);
        }
    }

    [PostgresTheory(unix: true)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_host_that_is_down_is_passed_over(bool readOnly)
    {
        ConnectionSettings settings = cluster.Through(DeadPort(), cluster.PrimaryPort) with { ReadOnly = readOnly };
        Assert.Equal(cluster.PrimaryPort, (await TestAsync(settings)).Port);
    }

    [PostgresTheory(unix: true)]
    [InlineData(null, "target_session_attrs=read-write")]
    [InlineData("primary", "target_session_attrs=primary")]
    public async Task Where_none_is_what_is_wanted_it_is_said_what_was(string? wanted, string expected)
    {
        LeoException error = await Assert.ThrowsAsync<LeoException>(
            () => TestAsync(cluster.Through(cluster.StandbyPort, cluster.StandbyPort) with { TargetSession = wanted }));
        Assert.Equal(LeoErrorId.ConnectionFailed, error.ErrorId);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("-ReadOnly", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact(unix: true)]
    public async Task One_host_is_taken_as_it_is_unless_something_is_wanted_of_it()
    {
        ConnectionSettings standby = cluster.Through(cluster.StandbyPort);
        Assert.Equal(cluster.StandbyPort, (await TestAsync(standby)).Port);
        Assert.Equal(LeoErrorId.ConnectionFailed, (await Assert.ThrowsAsync<LeoException>(() => TestAsync(standby with { TargetSession = "read-write" }))).ErrorId);
    }

    [PostgresFact(unix: true)]
    public async Task Where_all_are_down_each_is_named_with_its_reason()
    {
        (int one, int other) = (DeadPort(), DeadPort());
        LeoException error = await Assert.ThrowsAsync<LeoException>(() => TestAsync(cluster.Through(one, other)));
        Assert.Equal(LeoErrorId.ConnectionFailed, error.ErrorId);
        Assert.Contains($"127.0.0.1:{one}", error.Message, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{other}", error.Message, StringComparison.Ordinal);
        Assert.Contains("refused", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [PostgresFact(unix: true)]
    public async Task A_wrong_password_is_told_as_such_with_several_hosts_too() => Assert.Equal(
        LeoErrorId.AuthenticationFailed,
        (await Assert.ThrowsAsync<LeoException>(() => TestAsync(cluster.Settings with { Password = "wrong" }))).ErrorId);

    [PostgresFact(unix: true)]
    public async Task A_standby_refuses_to_be_written_to_and_the_primary_is_named()
    {
        await using ILeoDatabase database = await ConnectAsync(cluster.Settings with { TargetSession = "standby" });
        LeoException error = await Assert.ThrowsAsync<LeoException>(() => database.Schema.InstallAsync(CallContext.For("Test"), CancellationToken.None));
        Assert.Equal(LeoErrorId.ReadOnlyConnection, error.ErrorId);
        Assert.Contains(Standby, error.Message, StringComparison.Ordinal);

        await using (ILeoDatabase primary = await ConnectAsync(cluster.Settings))
        {
            await primary.Schema.InstallAsync(HandoffDatabase.Context, CancellationToken.None);
        }

        await cluster.UntilAsync(cluster.StandbyPort, "select count(*) from pg_class where relname = 'exec_handoff_preparations'", 1);
        await using ILeoDatabase standby = await ConnectAsync(cluster.Through(cluster.StandbyPort));
        error = await Assert.ThrowsAsync<LeoException>(() => standby.Handoffs.ChangeAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(Guid.NewGuid())], Bulk.Each, HandoffDatabase.Context, CancellationToken.None).OutcomesAsync());
        Assert.Equal((LeoErrorId.ReadOnlyConnection, "25006"), (error.ErrorId, error.SqlState));
        Assert.Contains(Standby, error.Message, StringComparison.Ordinal);
    }

    private static async Task<DatabaseReport> TestAsync(ConnectionSettings settings)
    {
        await using ILeoDatabase database = await ConnectAsync(settings);
        return await database.TestAsync(CallContext.For("Test"), CancellationToken.None);
    }

    private static Task<ILeoDatabase> ConnectAsync(ConnectionSettings settings) => new PostgresStorage().ConnectAsync(settings, CancellationToken.None);

    private static int DeadPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
