using System.Net;
using System.Net.Sockets;
using LeoPS.Ports;
using LeoPS.Postgres;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Connections;

/// <summary>Connections that come about, and what is said of those that do not.</summary>
[Collection(PostgresServerGroup.Name)]
[Trait("Category", "Core")]
public sealed class ConnectTests(PostgresServer server)
{
    private const string Wrong = "wr0ng-pässwörd";

    [PostgresFact]
    public async Task One_that_comes_about_says_who_answered()
    {
        await using ILeoDatabase database = await ConnectAsync(s => s);
        Assert.Equal((server.Settings.Database, server.Settings.UserName, server.Settings.UserName), (database.Server.Database, database.Server.UserName, database.Server.Role));
        Assert.Equal(server.Sandbox.ServerVersion, database.Server.ServerVersion);
        Assert.False(database.Server.Encrypted);
    }

    [PostgresFact]
    public async Task A_port_where_nobody_listens_is_ConnectionFailed_with_host_and_port()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        LeoException error = await FailAsync(s => s with { Port = port }, LeoErrorId.ConnectionFailed);
        Assert.Contains($"{server.Settings.Host}:{port}", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_host_that_has_no_address_is_ConnectionFailed()
    {
        LeoException error = await FailAsync(s => s with { Host = "no-such-host.invalid" }, LeoErrorId.ConnectionFailed);
        Assert.Contains("no-such-host.invalid", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_port_where_something_else_answers_is_ConnectionFailed()
    {
        using var stop = new CancellationTokenSource();
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task answering = AnswerAsync(listener, stop.Token);
        LeoException error = await FailAsync(s => s with { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port }, LeoErrorId.ConnectionFailed);
        Assert.Contains("127.0.0.1", error.Message, StringComparison.Ordinal);
        await stop.CancelAsync();
        listener.Stop();
        await answering;
    }

    [PostgresFact]
    public async Task A_server_that_never_answers_is_ConnectionFailed_after_the_timeout()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await FailAsync(
            s => s with { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port, ConnectTimeout = TimeSpan.FromSeconds(1) }, LeoErrorId.ConnectionFailed);
        listener.Stop();
    }

    [PostgresFact]
    public async Task A_wrong_password_is_AuthenticationFailed()
    {
        LeoException error = await FailAsync(s => s with { Password = Wrong }, LeoErrorId.AuthenticationFailed);
        Assert.Equal("28P01", error.SqlState);
        Assert.Contains(server.Settings.UserName!, error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task No_password_is_AuthenticationFailed()
    {
        LeoException error = await FailAsync(s => s with { Password = null }, LeoErrorId.AuthenticationFailed);
        Assert.Contains("-Credential", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task An_unknown_user_is_AuthenticationFailed() =>
        await FailAsync(s => s with { UserName = "nobody_of_this_name" }, LeoErrorId.AuthenticationFailed);

    [PostgresFact]
    public async Task An_unknown_database_is_ConnectionFailed_and_named()
    {
        LeoException error = await FailAsync(s => s with { Database = "no_such_database" }, LeoErrorId.ConnectionFailed);
        Assert.Equal("3D000", error.SqlState);
        Assert.Contains("no_such_database", error.Message, StringComparison.Ordinal);
    }

    [PostgresTheory]
    [InlineData("127.0.0.1", "require", "sslmode=require asks for it; no password was sent")]
    [InlineData("127.0.0.1", "verify-full", "sslmode=verify-full asks for it;")]
    [InlineData("127.0.0.1,127.0.0.2:1,no-such-host.invalid", null, "sslmode=verify-full asks for it, which is the default for a host that is not this machine")]
    public async Task A_server_without_tls_is_not_reached_by_one_who_asks_for_it(string host, string? mode, string expected)
    {
        LeoException error = await FailAsync(s => s with { Host = host, SslMode = mode }, LeoErrorId.ConnectionFailed);
        Assert.Contains("has no TLS to offer", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("-SslMode disable", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task An_unknown_role_is_told_on_connecting()
    {
        LeoException error = await FailAsync(s => s with { Role = "no_such_role" }, LeoErrorId.ConnectionFailed);
        Assert.Contains("no_such_role", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Where_all_connections_of_the_pool_stay_in_use_that_is_said_and_nothing_is_sent()
    {
        await using ILeoDatabase database = await ConnectAsync(s => s with { ConnectTimeout = TimeSpan.FromSeconds(5) });
        var held = new List<ILeoTransaction>();
        for (int i = 0; i < 20; i++)
        {
            held.Add(await database.BeginAsync(CancellationToken.None));
        }

        LeoException error = await Assert.ThrowsAsync<LeoException>(() => database.TestAsync(CallContext.For("Test-Pool"), CancellationToken.None));
        Assert.Equal(LeoErrorId.ConnectionFailed, error.ErrorId);
        AssertEach.Of(["All 20 server connections", "Nothing was sent", "-PageSize"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        foreach (ILeoTransaction transaction in held)
        {
            await transaction.DisposeAsync();
        }

        await database.TestAsync(CallContext.For("Test-Pool"), CancellationToken.None);
    }

    [PostgresFact]
    public async Task Cancelling_is_a_cancellation()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        ConnectionSettings settings = server.Settings with { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new PostgresStorage().ConnectAsync(settings, stop.Token));
        listener.Stop();
    }

    private async Task<LeoException> FailAsync(Func<ConnectionSettings, ConnectionSettings> change, LeoErrorId expected)
    {
        ConnectionSettings settings = change(server.Settings);
        LeoException error = await Assert.ThrowsAsync<LeoException>(() => ConnectAsync(change));
        Assert.Equal(expected, error.ErrorId);
        Assert.Null(error.InnerException);
        Assert.DoesNotContain(Wrong, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(server.Settings.Password!, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Password=", error.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.True(settings.Password is null || !error.Message.Contains(settings.Password, StringComparison.Ordinal));
        return error;
    }

    private Task<ILeoDatabase> ConnectAsync(Func<ConnectionSettings, ConnectionSettings> change) =>
        new PostgresStorage().ConnectAsync(change(server.Settings), CancellationToken.None);

    private static async Task AnswerAsync(TcpListener listener, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(cancellationToken);
                await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
