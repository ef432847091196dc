namespace LeoPS.Units.Connections;

public sealed class ConnectionProfilesTests
{
    private const string File = "/home/me/.config/leops/profiles.json";

    private readonly Dictionary<string, string> _variables = new() { ["HOME"] = "/home/me" };
    private readonly MemoryFiles _files = new();

    [Fact]
    public void A_profile_is_a_connection_string_in_json_and_a_few_keys_of_its_own()
    {
        _files.Texts[File] = """
            {
              // comments and a last comma are fine
              "Staging": {
                "description": "where we try", "host": "db.example.com,b:6", "port": 5433, "database": "leo", "userName": "app", "sslMode": "verify-ca",
                "rootCertificate": "/ca.crt", "targetSessionAttributes": "standby", "connectTimeout": "5s", "commandTimeout": "2m", "options": "-c x=1",
                "readOnly": true, "poolerMode": "transaction", "role": "authenticated", "secretName": "leo-staging", "vault": "team", "wibble": 1,
              },
              "bare": { "host": "h", "port": null },
            }
            """;

        ProfileSettings profile = Environment().ReadProfile("staging");
        ConnectionSettings s = profile.Settings;
        ConnectionSettings bare = Environment().ReadProfile("bare").Settings;

        Assert.Equal(("db.example.com,b:6", 5433, "leo", "app"), (s.Host, s.Port, s.Database, s.UserName));
        Assert.Equal(("verify-ca", "/ca.crt", "standby", "-c x=1"), (s.SslMode, s.RootCertificate, s.TargetSession, s.Options));
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(2)), (s.ConnectTimeout, s.CommandTimeout));
        Assert.Equal((true, PoolerMode.Transaction, "authenticated"), (s.ReadOnly, s.PoolerMode, s.Role));
        Assert.Equal(("leo-staging", "team", "profile Staging"), (profile.SecretName, profile.Vault, s.Source));
        Assert.Equal(["wibble"], s.UnknownKeys);
        Assert.Equal(("h", 5432, "sysuser", false, PoolerMode.Session), (bare.Host, bare.Port, bare.UserName, bare.ReadOnly, bare.PoolerMode));
        Assert.Equal(["Staging", "bare"], Environment().ProfileNames());
    }

    [Fact]
    public void A_url_may_stand_in_it_and_the_password_comes_from_where_a_urls_does()
    {
        _files.Texts[File] = """{ "prod": { "url": "postgresql://app@pooler.example.com:6543/leo?sslmode=require", "sslMode": "verify-full" } }""";
        _files.Texts["/home/me/.pgpass"] = "pooler.example.com:6543:leo:app:from file\n";

        ConnectionSettings s = Environment().ReadProfile("prod").Settings;

        Assert.Equal(("pooler.example.com", 6543, "leo", "app", "from file"), (s.Host, s.Port, s.Database, s.UserName, s.Password));
        Assert.Equal(("verify-full", PoolerMode.Transaction), (s.SslMode, s.PoolerMode));
    }

    [Theory]
    [InlineData("\"password\": \"Secret1\"", "password")]
    [InlineData("\"PassWord\": 12345", "PassWord")]
    [InlineData("\"pwd\": \"Secret1\"", "pwd")]
    [InlineData("\"my_secret\": \"Secret1\"", "my_secret")]
    [InlineData("\"apiKey\": \"Secret1\"", "apiKey")]
    [InlineData("\"access_token\": \"Secret1\"", "access_token")]
    [InlineData("\"claims\": \"Secret1\"", "claims")]
    [InlineData("\"url\": \"postgresql://u:Secret1@h/db\"", "url")]
    [InlineData("\"url\": \"postgresql://h/db?password=Secret1\"", "url")]
    [InlineData("\"options\": \"-c x=eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZSJ9.Secret1\"", "options")]
    [InlineData("\"description\": \"password=Secret1\"", "description")]
    public void A_secret_is_refused_by_its_key_in_whichever_profile_it_is(string member, string key)
    {
        _files.Texts[File] = $$"""{ "fine": { "host": "h" }, "leaky": { {{member}} } }""";

        AssertRefused("fine", $"{key} of profile leaky holds a secret");
        Assert.Empty(Environment().ProfileNames());
    }

    [Theory]
    [InlineData("nothing", "it is not JSON (line 1)")]
    [InlineData("{\n\"a\": {\n\"host\": Secret1 } }", "it is not JSON (line 3)")]
    [InlineData("[]", "not one JSON object")]
    [InlineData("{ \"a\": \"Secret1\" }", "profile a is not an object")]
    [InlineData("{ \"a\": { \"host\": [\"Secret1\"] } }", "host of profile a is neither")]
    [InlineData("{ \"a\": { \"readOnly\": \"Secret1\" } }", "readOnly of profile a")]
    [InlineData("{ \"a\": { \"poolerMode\": \"1\" } }", "poolerMode of profile a")]
    [InlineData("{ \"a\": { \"commandTimeout\": 30 } }", "commandTimeout of profile a is no duration")]
    [InlineData("{ \"a\": { \"sslMode\": \"Secret1\" } }", "sslmode is none of")]
    [InlineData("{ \"b\": { } }", "There is no profile a in " + File + ". Is b meant?")]
    [InlineData("{ \"staging\": { }, \"production\": { } }", "There are: staging, production.")]
    public void What_cannot_be_used_is_said_without_a_value(string text, string expected)
    {
        _files.Texts[File] = text;

        AssertRefused("a", expected);
    }

    [Fact]
    public void Neither_a_file_that_others_write_nor_one_that_is_not_there_is_used()
    {
        AssertRefused("a", $"There is no file of profiles: {File}");
        _files.Texts[File] = """{ "a": { "host": "h" } }""";
        _files.Modes[File] = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        Assert.Equal("h", Environment().ReadProfile("a").Settings.Host);
        _files.Modes[File] |= UnixFileMode.OtherWrite;
        AssertRefused("a", "others than its owner may write to it");
        _files.Refused.Add(File);
        AssertRefused("a", "cannot be read");
        Assert.Empty(Environment().ProfileNames());
    }

    [Fact]
    public void The_file_is_where_the_variable_says_or_in_the_users_folder()
    {
        _files.Texts["/xdg/leops/profiles.json"] = """{ "xdg": { } }""";
        _files.Texts["/own.json"] = """{ "own": { } }""";
        _variables["XDG_CONFIG_HOME"] = "/xdg";
        Assert.Equal(["xdg"], Environment().ProfileNames());
        _variables["LEOPS_PROFILES"] = "/own.json";
        Assert.Equal(["own"], Environment().ProfileNames());
        _variables.Clear();
        Assert.Empty(Environment().ProfileNames());
        AssertRefused("a", "There is no place for profiles");
    }

    private ConnectionEnvironment Environment() => new(name => _variables.GetValueOrDefault(name), _files, "sysuser");

    private void AssertRefused(string name, string expected)
    {
        LeoException error = Assert.Throws<LeoException>(() => Environment().ReadProfile(name));
        Assert.Equal(LeoErrorId.ConnectionFailed, error.ErrorId);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Secret1", error.ToString(), StringComparison.Ordinal);
    }
}
