namespace LeoPS.Units.Connections;

public sealed class RedactionTests
{
    [Theory]
    [InlineData("postgres://u:Secret1@h/db", "postgres://u:***@h/db")]
    [InlineData("postgres://u:Secret1@Secret1@h/db", "postgres://u:***@h/db")]
    [InlineData("postgres://u:Secret1/Secret1@h/db", "postgres://u:***@h/db")]
    [InlineData("postgres://u:Secret1 Secret1@h/db", "postgres://u:***@h/db")]
    [InlineData("postgres://:Secret1@h", "postgres://:***@h")]
    [InlineData("from postgres://a:Secret1@h1/x to postgres://b:Secret1@h2/y", "from postgres://a:***@h1/x to postgres://b:***@h2/y")]
    [InlineData("postgres://h/db?user=u&password=Secret1&sslmode=require", "postgres://h/db?user=u&password=***&sslmode=require")]
    [InlineData("u:Secret1@db.example.com", "u:***@db.example.com")]
    [InlineData("Host=h;Password=Secret1;Username=u", "Host=h;Password=***;Username=u")]
    [InlineData("Host=h;Pwd = Secret1 with Secret1;Port=1", "Host=h;Pwd = ***;Port=1")]
    [InlineData("Host=h;Password='Secret1;Port=x';Username=u", "Host=h;Password=***;Username=u")]
    [InlineData("Password=\"Secret1;x\"", "Password=***")]
    [InlineData("host=h password=Secret1;Secret1 user=u", "host=h password=*** user=u")]
    [InlineData(@"host=h password='Secret1\' user=x' user=u", "host=h password=*** user=u")]
    [InlineData("password=''Secret1", "password=***")]
    [InlineData("PGPASSWORD=Secret1", "PGPASSWORD=***")]
    [InlineData("{\"password\": \"Secret1\", \"a\": 1}", "{\"password\": ***, \"a\": 1}")]
    [InlineData("h:5432:db:u:Secret1:Secret1", "h:5432:db:u:***")]
    [InlineData("key eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZSJ9.Secret1 end", "key *** end")]
    public void Passwords_go(string text, string expected) => Assert.Equal(expected, Redaction.Redact(text));

    [Theory]
    [InlineData("")]
    [InlineData("password authentication failed for user \"u\"")]
    [InlineData("postgres://u@h:5432/db")]
    [InlineData("postgres://h:5432/db?sslmode=require")]
    [InlineData("host=h port=5432 user=u")]
    [InlineData("SD-2026-* at 12:30:45")]
    [InlineData("/var/run/postgresql:5433")]
    public void Anything_else_stays(string text) => Assert.Equal(text, Redaction.Redact(text));

    [Property(MaxTest = 300)]
    public bool No_password_survives_in_any_form(string? before, string? after)
    {
        string password = before + "Zx9" + after;
        string[] texts =
        [
            $"postgres://u:{password}@h/db",
            $"postgres://h/db?password={Uri.EscapeDataString(password)}",
            $"Host=h;Password=\"{password.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
            $"host=h password='{password.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'",
            $"Host=h;Password=Zx9{after}",
        ];
        return texts.All(text => !Redaction.Redact(text).Contains("Zx9", StringComparison.Ordinal));
    }

    [Fact]
    public void A_long_text_is_done_in_time_or_hidden_whole()
    {
        string text = string.Concat(Enumerable.Repeat("a:b@c://password=;'\"", 20_000));

        Assert.DoesNotContain("b@c://password=;'\"a:b@c://password=;'\"a", Redaction.Redact(text), StringComparison.Ordinal);
    }
}
