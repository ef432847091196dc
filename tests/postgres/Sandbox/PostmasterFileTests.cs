using System.Diagnostics;
using LeoPS.Postgres.Sandbox;

namespace LeoPS.PostgresTests.Sandbox;

public sealed class PostmasterFileTests
{
    [Fact]
    public void Reads_process_start_and_port()
    {
        PostmasterFile? file = PostmasterFile.Parse("9792\n/tmp/x/data\n1795375087\n54999\n\n127.0.0.1\n 11665437         9\nready   \n");
        Assert.Equal((9792, DateTimeOffset.FromUnixTimeSeconds(1795375087), 54999), (file!.ProcessId, file.StartedAt, file.Port));
    }

    [Theory]
    [InlineData("9792", null)]
    [InlineData("9792\n/tmp/x\n1795375087\n", null)]
    [InlineData("-9792\r\nC:/x\r\n1795375087\r\n5433\r\n", 5433)]
    public void Reads_what_there_is(string text, int? port)
    {
        PostmasterFile? file = PostmasterFile.Parse(text);
        Assert.Equal((9792, port), (file!.ProcessId, file.Port));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("x\n1\n")]
    [InlineData("99999999999999\n")]
    public void Reads_nothing_from_anything_else(string text) => Assert.Null(PostmasterFile.Parse(text));

    [Fact]
    public void A_live_process_that_is_no_server_is_not_taken_for_one()
    {
        using var self = Process.GetCurrentProcess();
        var started = new DateTimeOffset(self.StartTime);
        Assert.False(ServerProcess.IsServer(new PostmasterFile(self.Id, started, 5432, "")));
        Assert.False(ServerProcess.IsServer(new PostmasterFile(int.MaxValue, started, 5432, "")));
    }

    [Fact]
    public void The_reason_of_a_failure_is_found_in_the_log_without_its_prefixes()
    {
        const string Log = """
            2026-11-22 19:51:28.587 UTC [27457] LOG:  starting PostgreSQL 15.18
            2026-11-22 19:51:28.587 UTC [27457] LOG:  could not bind IPv4 address "127.0.0.1": Address already in use
            2026-11-22 19:51:28.587 UTC [27457] HINT:  Is another postmaster already running on port 5432?
            2026-11-22 19:51:28.587 UTC [27457] FATAL:  could not create any TCP/IP sockets
            2026-11-22 19:51:28.587 UTC [27457] LOG:  database system is shut down
            """;
        Assert.Equal(
            "LOG:  could not bind IPv4 address \"127.0.0.1\": Address already in use HINT:  Is another postmaster already running on port 5432? FATAL:  could not create any TCP/IP sockets",
            ServerLog.ReasonIn(Log));
        Assert.Equal("", ServerLog.ReasonIn("LOG:  all is well\n"));
    }
}
