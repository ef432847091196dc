namespace LeoPS.Units.Connections;

public sealed class ConnectionUrlTests
{
    [Fact]
    public void Reads_every_part()
    {
        ConnectionSettings s = ConnectionUrl.Parse(
            "postgresql://me%40work:p%40ss%3A%2F%3F%23%25%F0%9F%94%91@db.example.com:5433/my%20db?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.crt&connect_timeout=7&application_name=x&options=-c%20a%3Db",
            "DATABASE_URL");

        Assert.Equal("db.example.com", s.Host);
        Assert.Equal(5433, s.Port);
        Assert.Equal("my db", s.Database);
        Assert.Equal("me@work", s.UserName);
        Assert.Equal("p@ss:/?#%🔑", s.Password);
        Assert.Equal("verify-full", s.SslMode);
        Assert.Equal("/etc/ca.crt", s.RootCertificate);
        Assert.Equal(TimeSpan.FromSeconds(7), s.ConnectTimeout);
        Assert.Equal("-c a=b", s.Options);
        Assert.Equal(PoolerMode.Session, s.PoolerMode);
        Assert.Equal("DATABASE_URL", s.Source);
        Assert.Empty(s.UnknownKeys);
        Assert.Equal("me@work@db.example.com:5433/my db", s.ToString());
    }

    [Theory]
    [InlineData("postgres://", "localhost", 5432, null, null, null)]
    [InlineData("postgresql:///db", "localhost", 5432, "db", null, null)]
    [InlineData("postgres://h", "h", 5432, null, null, null)]
    [InlineData("POSTGRES://h/", "h", 5432, null, null, null)]
    [InlineData("  postgres://h:1\n", "h", 1, null, null, null)]
    [InlineData("postgres://u@h/db", "h", 5432, "db", "u", null)]
    [InlineData("postgres://u:@h", "h", 5432, null, "u", null)]
    [InlineData("postgres://:p@h", "h", 5432, null, null, "p")]
    [InlineData("postgres://u:p?#&=;@h/db", "h", 5432, "db", "u", "p?#&=;")]
    [InlineData("postgres://u:a:b@h", "h", 5432, null, "u", "a:b")]
    [InlineData("postgres://u:a+b@h", "h", 5432, null, "u", "a+b")]
    [InlineData("postgres://u:größe@h", "h", 5432, null, "u", "größe")]
    [InlineData("postgres://u@[::1]:5433/db", "::1", 5433, "db", "u", null)]
    [InlineData("postgres://[2001:db8::1]", "2001:db8::1", 5432, null, null, null)]
    [InlineData("postgres://[fe80::1%251]/db", "fe80::1%1", 5432, "db", null, null)]
    [InlineData("postgres://%2Fvar%2Frun%2Fpostgresql:5433/db", "/var/run/postgresql", 5433, "db", null, null)]
    [InlineData("postgres:///db?host=/tmp/my%20sockets&port=7", "/tmp/my sockets", 7, "db", null, null)]
    [InlineData("postgres://a/one?host=b&dbname=two&user=u&password=p", "b", 5432, "two", "u", "p")]
    [InlineData("postgres://h/db?hostaddr=10.0.0.1&sslmode=require", "h", 5432, "db", null, null)]
    [InlineData("postgres://h/db?hostaddr=10.0.0.1&sslmode=verify-full", "h", 5432, "db", null, null)]
    [InlineData("postgres://h/a/b", "h", 5432, "a/b", null, null)]
    [InlineData("postgres://h,h2/db", "h,h2", 5432, "db", null, null)]
    [InlineData("postgres://h:5433,h2:5433", "h,h2", 5433, null, null, null)]
    [InlineData("postgres://h:5433,h2", "h,h2:5432", 5433, null, null, null)]
    [InlineData("postgres://h:1,[::1]:2,[::2]:1", "h,[::1]:2,[::2]", 1, null, null, null)]
    [InlineData("postgres://h,/db", "h,localhost", 5432, "db", null, null)]
    public void Reads_what_libpq_reads(string url, string host, int port, string? database, string? user, string? password)
    {
        ConnectionSettings s = ConnectionUrl.Parse(url);

        Assert.Equal((host, port, database, user, password), (s.Host, s.Port, s.Database, s.UserName, s.Password));
        Assert.Equal("-Uri", s.Source);
    }

    [Theory]
    [InlineData("postgres://h:6543/db", PoolerMode.Transaction)]
    [InlineData("postgres://h:5432/db", PoolerMode.Session)]
    [InlineData("postgres://h:5432/db?pgbouncer=true", PoolerMode.Transaction)]
    [InlineData("postgres://h:6543/db?pgbouncer=false", PoolerMode.Session)]
    [InlineData("postgres://h:5432,h2:6543/db", PoolerMode.Transaction)]
    public void Knows_a_transaction_pooler(string url, PoolerMode expected)
        => Assert.Equal(expected, ConnectionUrl.Parse(url).PoolerMode);

    [Theory]
    [InlineData(" Postgres://h", true)]
    [InlineData("postgresql://h", true)]
    [InlineData("host=h", false)]
    [InlineData("mysql://h", false)]
    public void A_url_is_told_by_its_beginning(string text, bool expected) => Assert.Equal(expected, ConnectionUrl.IsUrl(text));

    [Theory]
    [InlineData("ssl=true", "require")]
    [InlineData("ssl=false", "disable")]
    [InlineData("sslmode=VERIFY_CA", "verify-ca")]
    [InlineData("sslmode=VerifyFull", "verify-full")]
    [InlineData("sslmode=", null)]
    [InlineData("connect_timeout=3", null)]
    public void Reads_sslmode(string query, string? expected)
        => Assert.Equal(expected, ConnectionUrl.Parse("postgres://h/db?" + query).SslMode);

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    public void No_connect_timeout_is_for_ever(string seconds)
        => Assert.Equal(TimeSpan.Zero, ConnectionUrl.Parse("postgres://h?connect_timeout=" + seconds).ConnectTimeout);

    [Fact]
    public void Unknown_keys_are_named_once_and_values_are_not()
    {
        ConnectionSettings s = ConnectionUrl.Parse("postgres://h/db?connection_limit=1&schema=public&pgbouncer=true&Schema=x&&we%3Bird=1");

        Assert.Equal(["connection_limit", "schema", "(a key that is not a word)"], s.UnknownKeys);
    }

    [Theory]
    [InlineData("h:5432/Secret1")]
    [InlineData("mysql://u:Secret1@h/db")]
    [InlineData("jdbc:postgresql://h/db?password=Secret1")]
    [InlineData("postgres://u:Secret1@h:notaport/db")]
    [InlineData("postgres://u:Secret1@h:0/db")]
    [InlineData("postgres://u:Secret1@h:65536/db")]
    [InlineData("postgres://u:pa/Secret1@h/db")]
    [InlineData("postgres://u:12/Secret1@h/db")]
    [InlineData("postgres://u:pa@Secret1@h/db")]
    [InlineData("postgres://u:pa@Secret1@h")]
    [InlineData("postgres://u:Secret1%@h/db")]
    [InlineData("postgres://u:Secret1%4@h/db")]
    [InlineData("postgres://u:Secret1%zz@h/db")]
    [InlineData("postgres://u:Secret1%00@h/db")]
    [InlineData("postgres://u:Secret1%ff@h/db")]
    [InlineData("postgres://u:Secret1 x@h/db")]
    [InlineData("postgres://u:Secret1@[::1/db")]
    [InlineData("postgres://u:Secret1@[]/db")]
    [InlineData("postgres://u:Secret1@[nothex]/db")]
    [InlineData("postgres://u:Secret1@[::1]5432/db")]
    [InlineData("postgres://u:Secret1@h%20x/db")]
    [InlineData("postgres://u:Secret1@h/db?nothing")]
    [InlineData("postgres://u:Secret1@h/db?sslmode=Secret1")]
    [InlineData("postgres://u:Secret1@h/db?connect_timeout=Secret1")]
    [InlineData("postgres://u:Secret1@h/db?pgbouncer=Secret1")]
    [InlineData("postgres://u:Secret1@h1,h2/db?port=1,2,3")]
    [InlineData("postgres://u:Secret1@h1,h2/db?hostaddr=10.0.0.1&sslmode=require")]
    public void Refusals_tell_the_source_and_no_secret(string url)
    {
        LeoException error = Assert.Throws<LeoException>(() => ConnectionUrl.Parse(url, "DATABASE_URL"));

        Assert.Equal(LeoErrorId.ConnectionFailed, error.ErrorId);
        Assert.Contains("DATABASE_URL", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Secret1", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgres://u:pa/ss@h/db", "%2F")]
    [InlineData("postgres://u:pa@ss@h/db", "%40")]
    [InlineData("postgres://u:a%@h/db", "%25")]
    public void Refusals_tell_what_to_write(string url, string advice)
        => Assert.Contains(advice, Assert.Throws<LeoException>(() => ConnectionUrl.Parse(url)).Message, StringComparison.Ordinal);

    [Property]
    public bool Any_user_password_and_database_come_back(string? user, string? password, string? database)
    {
        string u = Clean(user), p = Clean(password), d = Clean(database);
        ConnectionSettings s = ConnectionUrl.Parse($"postgres://{Uri.EscapeDataString(u)}:{Uri.EscapeDataString(p)}@h:1/{Uri.EscapeDataString(d)}");
        return (s.UserName ?? "", s.Password ?? "", s.Database ?? "", s.Host, s.Port) == (u, p, d, "h", 1);
    }

    [Property]
    public bool Anything_is_read_or_refused_with_its_own_error(string? rest)
    {
        string secret = "Zx9" + (rest ?? "");
        try
        {
            _ = ConnectionUrl.Parse("postgres://" + secret).ToString();
            return true;
        }
        catch (LeoException error)
        {
            return error.ErrorId == LeoErrorId.ConnectionFailed && !error.Message.Contains("Zx9", StringComparison.Ordinal);
        }
    }

    // Text that a URL can carry: no NUL and no half surrogate pairs, which UTF-8 has no bytes for.
    private static string Clean(string? text)
        => new((text ?? "").Where(c => c != '\0' && !char.IsSurrogate(c)).ToArray());
}
