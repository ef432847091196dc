namespace LeoPS.Units.Connections;

public sealed class ConnectionSettingsTests
{
    [Theory]
    [InlineData("h", 1, "h:1")]
    [InlineData("h:2", 1, "h:2")]
    [InlineData("::1", 1, "[::1]:1")]
    [InlineData("[::1]:2", 1, "[::1]:2")]
    [InlineData("/tmp", 1, "/tmp:1")]
    [InlineData("/tmp:2", 1, "/tmp:2")]
    [InlineData("/", 1, "/:1")]
    [InlineData(@"C:\sockets", 1, @"C:\sockets:1")]
    [InlineData("@abstract", 1, "@abstract:1")]
    [InlineData("a,b:2, [::1]:3 ,::2", 1, "a:1|b:2|[::1]:3|[::2]:1")]
    public void Hosts_are_read(string host, int port, string expected)
        => Assert.Equal(expected, string.Join('|', new ConnectionSettings { Host = host, Port = port }.Hosts));

    [Theory]
    [InlineData("h password=Secret1")]
    [InlineData("/tmp password=Secret1")]
    [InlineData("postgres://u:Secret1@h/db")]
    [InlineData("u:Secret1@h")]
    [InlineData("[::1]Secret1")]
    [InlineData("h:Secret1")]
    public void A_connection_string_in_the_wrong_place_stays_secret(string host)
    {
        var settings = new ConnectionSettings { Host = host, UserName = "u", Database = host };

        LeoException error = Assert.Throws<LeoException>(() => settings.Hosts);

        Assert.Equal(LeoErrorId.ConnectionFailed, error.ErrorId);
        Assert.DoesNotContain("Secret1", error.Message, StringComparison.Ordinal);
        if (Redaction.Redact(host) != host)
        {
            Assert.DoesNotContain("Secret1", settings.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_bad_port_is_refused()
        => Assert.Throws<LeoException>(() => new ConnectionSettings { Port = 70000 }.Hosts);

    [Theory]
    [InlineData("h", "db", "u@h:5432/db")]
    [InlineData("::1", null, "u@[::1]:5432/u")]
    [InlineData("a,[::1]:2", "db", "u@a,[::1]:2:5432/db")]
    public void ToString_shows_the_place_and_no_password(string host, string? database, string expected)
        => Assert.Equal(expected, new ConnectionSettings { Host = host, Database = database, UserName = "u", Password = "Secret1" }.ToString());
}
