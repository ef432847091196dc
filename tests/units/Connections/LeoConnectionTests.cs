using System.Reflection;
using System.Text.Json;

namespace LeoPS.Units.Connections;

public sealed class LeoConnectionTests
{
    private static readonly ConnectionSettings Settings = new()
    {
        Host = "db.example",
        Port = 6543,
        Database = "leo",
        UserName = "ada",
        Password = "Secret1",
        PasswordFile = "/home/ada/Secret1",
        Options = "-c leops.token=Secret1",
        ReadOnly = true,
        PoolerMode = PoolerMode.Transaction,
        Source = "-Uri",
    };

    [Fact]
    public void It_shows_who_is_at_the_other_end()
    {
        DateTimeOffset before = DateTimeOffset.UtcNow;
        var connection = new LeoConnection("staging", Settings, new FakeDatabase());

        Assert.Equal(("staging", "db.example", 6543, "-Uri"), (connection.Name, connection.HostName, connection.Port, connection.Source));
        Assert.Equal(("leo", "ada", "service_role", "15.18"), (connection.Database, connection.UserName, connection.Role, connection.ServerVersion));
        Assert.Equal((true, true, PoolerMode.Transaction, true), (connection.Encrypted, connection.ReadOnly, connection.PoolerMode, connection.IsOpen));
        Assert.InRange(connection.OpenedAt, before, DateTimeOffset.UtcNow);
        Assert.Equal(TimeSpan.Zero, connection.OpenedAt.Offset);
        Assert.Equal("staging", connection.ToString());
    }

    [Fact]
    public void It_shows_no_secret()
    {
        var connection = new LeoConnection("staging", Settings, new FakeDatabase());

        AssertEach.Of(
            typeof(LeoConnection).GetProperties(BindingFlags.Public | BindingFlags.Instance),
            property => Assert.DoesNotContain("Secret1", property.GetValue(connection)?.ToString() ?? "", StringComparison.Ordinal));
        Assert.DoesNotContain("Secret1", JsonSerializer.Serialize(connection), StringComparison.Ordinal);
        Assert.Empty(typeof(LeoConnection).GetConstructors());
        Assert.Empty(typeof(LeoConnection).GetFields());
    }

    [Fact]
    public async Task A_disconnected_one_says_so_and_what_to_do()
    {
        var database = new FakeDatabase();
        var connection = new LeoConnection("staging", Settings, database);
        Assert.Same(database, connection.Open());

        connection.Close();
        connection.Close();

        LeoException error = Assert.Throws<LeoException>(() => connection.Open());
        Assert.Equal(LeoErrorId.NotConnected, error.ErrorId);
        Assert.Contains("staging", error.Message, StringComparison.Ordinal);
        Assert.Contains("Connect-LeoDatabase", error.Message, StringComparison.Ordinal);
        Assert.False(connection.IsOpen);
        Assert.Equal("leo", connection.Database);
        await database.Closed;
        Assert.Equal(1, database.Closings);
    }

    [Fact]
    public void A_report_is_healthy_where_nothing_is_missing()
    {
        var report = new DatabaseReport
        {
            HostName = "h", Port = 1, Database = "leo", UserName = "ada", Role = "anon", ServerVersion = "15.18",
            Latency = TimeSpan.FromMilliseconds(1), Tls = "TLSv1.3", SchemaShape = "none", Missing = ["exec_handoff_preparations"],
        };

        Assert.False(report.Healthy);
        Assert.Equal(("h", 1, "leo", "ada", "anon"), (report.HostName, report.Port, report.Database, report.UserName, report.Role));
        Assert.Equal(("15.18", 1.0, "TLSv1.3", "none"), (report.ServerVersion, report.Latency.TotalMilliseconds, report.Tls, report.SchemaShape));
        Assert.True(new DatabaseReport().Healthy);
        Assert.Null(new DatabaseReport().Tls);
    }
}
