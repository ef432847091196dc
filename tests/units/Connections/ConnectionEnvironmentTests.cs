namespace LeoPS.Units.Connections;

public sealed class ConnectionEnvironmentTests
{
    private readonly Dictionary<string, string> _variables = [];
    private readonly MemoryFiles _files = new();

    [Fact]
    public void Nothing_set_is_null()
    {
        _variables["PGPASSWORD"] = "x";
        _variables["DATABASE_URL"] = " ";
        _variables["HOME"] = "/home/me";

        Assert.Null(Environment().Find());
    }

    [Fact]
    public void The_first_variable_in_order_counts()
    {
        string[] order = ["LEOPS_DATABASE_URL", "SUPABASE_POOLER_URL", "DATABASE_URL", "POSTGRES_URL", "PGHOST"];
        for (int i = 0; i < order.Length; i++)
        {
            _variables[order[i]] = order[i] == "PGHOST" ? "h4" : $"postgres://u@h{i}/db";
        }

        for (int i = 0; i < order.Length; i++)
        {
            ConnectionSettings found = Environment().Find()!;
            Assert.Equal(($"h{i}", order[i]), (found.Host, found.Source));
            _variables.Remove(order[i]);
        }

        Assert.Null(Environment().Find());
    }

    [Theory]
    [InlineData("\"postgres://u@h/db\"")]
    [InlineData("'postgres://u@h/db'")]
    [InlineData("host=h user=u dbname=db")]
    [InlineData("Host=h;Username=u;Database=db")]
    public void A_variable_may_be_quoted_or_hold_a_connection_string(string text)
    {
        _variables["DATABASE_URL"] = text;

        ConnectionSettings found = Environment().Find()!;

        Assert.Equal(("h", "u", "db"), (found.Host, found.UserName, found.Database));
    }

    [Fact]
    public void Pg_variables_are_read()
    {
        Set("PGHOST", "a,b", "PGPORT", "1,2", "PGDATABASE", "db", "PGUSER", "u", "PGPASSWORD", "p", "PGSSLMODE", "require");
        Set("PGSSLROOTCERT", "/ca.crt", "SUPABASE_SSL_CA", "/other.crt", "PGCONNECT_TIMEOUT", "9", "PGOPTIONS", "-c x=1");

        ConnectionSettings s = Environment().Find()!;

        Assert.Equal(("a,b:2", 1, "db", "u", "p"), (s.Host, s.Port, s.Database, s.UserName, s.Password));
        Assert.Equal(("require", "/ca.crt", "-c x=1"), (s.SslMode, s.RootCertificate, s.Options));
        Assert.Equal(TimeSpan.FromSeconds(9), s.ConnectTimeout);
        Assert.Equal("PGHOST, PGPORT, PGDATABASE, PGUSER", s.Source);
    }

    [Theory]
    [InlineData("10.0.0.9", "require", "require")]
    [InlineData("127.0.0.1", null, "verify-full")]
    [InlineData("10.0.0.9", "verify-full", "verify-full")]
    public void An_address_is_connected_to_and_the_name_is_verified(string address, string? mode, string expected)
    {
        Set("PGHOST", "name", "PGHOSTADDR", address, "PGSSLMODE", mode ?? "");

        ConnectionSettings s = Environment().Find()!;

        Assert.Equal(("name", address, "sysuser", null), (s.Host, s.Hosts[0].Target, s.UserName, s.Database));
        Assert.Equal(expected, TlsPolicy.Of(s).Mode);
    }

    [Fact]
    public void Addresses_belong_to_hosts_in_their_order()
    {
        ConnectionSettings s = Environment().Parse("postgres://u@a:1,b:2/db?hostaddr=10.0.0.1,", "-Uri");

        Assert.Equal(["a:1 10.0.0.1", "b:2 b"], s.Hosts.Select(h => $"{h} {h.Target}"));
        Assert.Equal(("10.0.0.1,b:2", 1), ConnectionHosts.WriteTargets(s.Hosts));
        AssertRefusedText("postgres://u@a/db?hostaddr=b.example", "host address 1 is not an IP address");
        AssertRefusedText("postgres://u@a/db?hostaddr=10.0.0.1,10.0.0.2", "1 hosts and 2 host addresses");
    }

    private void AssertRefusedText(string url, string expected) =>
        Assert.Contains(expected, Assert.Throws<LeoException>(() => Environment().Parse(url, "-Uri").Hosts).Message, StringComparison.Ordinal);

    [Fact]
    public void A_client_certificate_of_the_users_folder_is_found()
    {
        Set("HOME", "/home/me", "APPDATA", "/home/me");
        string folder = OperatingSystem.IsWindows() ? Path.Combine("/home/me", "postgresql", "postgresql") : "/home/me/.postgresql/postgresql";
        _files.Texts[$"{folder}.crt"] = _files.Texts[$"{folder}.key"] = "x";

        SecuritySettings found = Environment().Parse("postgres://u:p@h/db", "-Uri").Security;
        SecuritySettings given = Environment().Parse("postgres://u:p@h/db?sslcert=/my.crt", "-Uri").Security;

        Assert.Equal(($"{folder}.crt", $"{folder}.key"), (found.Certificate, found.CertificateKey));
        Assert.Equal("/my.crt", given.Certificate);
    }

    [Fact]
    public void What_a_url_leaves_unsaid_comes_from_the_variables()
    {
        Set("PGPASSWORD", "p", "PGPORT", "5433", "PGUSER", "other", "PGDATABASE", "other", "PGSSLMODE", "require", "PGHOST", "other");

        ConnectionSettings s = Environment().Parse("postgres://u@h/db", "-Uri");

        Assert.Equal(("h", 5433, "db", "u", "p", "require"), (s.Host, s.Port, s.Database, s.UserName, s.Password, s.SslMode));
    }

    [Fact]
    public void Settings_from_parameters_are_completed_and_never_overruled()
    {
        Set("PGPASSWORD", "p", "PGUSER", "u", "PGDATABASE", "db", "PGHOST", "other", "PGPORT", "1", "SUPABASE_SSL_CA", "/supa.crt");

        ConnectionSettings bare = Environment().Complete(new ConnectionSettings { Host = "h:7" });
        ConnectionSettings full = Environment().Complete(new ConnectionSettings { UserName = "me", Password = "mine", Database = "my", RootCertificate = "/my.crt" });

        Assert.Equal(("h", 7, "db", "u", "p", "/supa.crt"), (bare.Host, bare.Port, bare.Database, bare.UserName, bare.Password, bare.RootCertificate));
        Assert.Equal(("localhost", 5432, "my", "me", "mine", "/my.crt"), (full.Host, full.Port, full.Database, full.UserName, full.Password, full.RootCertificate));
    }

    [Theory]
    [InlineData("/supa.crt")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----")]
    public void Supabases_variable_holds_a_path_or_the_certificate_itself(string value)
    {
        Set("SUPABASE_SSL_CA", value);

        Assert.Equal(value, Environment().Parse("postgres://u:p@h/db", "-Uri").RootCertificate);
        Assert.Equal(value, Environment().Complete(new ConnectionSettings { Host = "h", Password = "p" }).RootCertificate);
        Assert.Equal("/x", Environment().Parse("postgres://u:p@h/db?sslrootcert=/x", "-Uri").RootCertificate);
        Set("PGSSLROOTCERT", "/pg.crt");
        Assert.Equal("/pg.crt", Environment().Parse("postgres://u:p@h/db", "-Uri").RootCertificate);
    }

    [Fact]
    public void A_service_fills_what_is_unsaid_before_the_variables_do()
    {
        Set("PGSERVICE", "prod", "HOME", "/home/me", "PGHOST", "variable", "PGUSER", "variable", "PGDATABASE", "variable");
        _files.Texts["/home/me/.pg_service.conf"] = "# mine\r\n[test]\r\nhost=t\r\n\r\n[prod]\r\nhost=p\r\n user = su \r\npassword=a=b\r\nsslmode=require\r\n[other]\r\nhost=o\r\n";

        ConnectionSettings s = Environment().Find()!;
        ConnectionSettings named = Environment().Parse("postgres://h/?service=test", "-Uri");

        Assert.Equal(("p", "su", "a=b", "variable", "require"), (s.Host, s.UserName, s.Password, s.Database, s.SslMode));
        Assert.Equal(("h", "variable"), (named.Host, named.UserName));
    }

    [Fact]
    public void The_systems_service_file_comes_after_the_users()
    {
        Set("PGSERVICE", "prod", "PGSERVICEFILE", "/own.conf", "PGSYSCONFDIR", "/etc/pg");
        _files.Texts["/own.conf"] = "[test]\nhost=t\n";
        _files.Texts["/etc/pg/pg_service.conf"] = "[prod]\nhost=p\n";

        Assert.Equal("p", Environment().Find()!.Host);
    }

    [Theory]
    [InlineData("[prod]\nSecret1\n", "line 2")]
    [InlineData("[prod]\n\nldap://Secret1\n", "line 3")]
    [InlineData("[prod]\nservice=Secret1\n", "line 2")]
    [InlineData("[prod]\nport=Secret1\n", "port")]
    [InlineData("[test]\nhost=Secret1\n", "\"prod\"")]
    [InlineData("", "\"prod\"")]
    public void A_bad_service_file_is_told_without_its_text(string text, string expected)
    {
        Set("PGSERVICE", "prod", "PGSERVICEFILE", "/s.conf");
        _files.Texts["/s.conf"] = text;

        AssertRefused(expected);
    }

    [Fact]
    public void An_unreadable_service_file_is_told()
    {
        Set("PGSERVICE", "prod", "PGSERVICEFILE", "/s.conf");
        _files.Refused.Add("/s.conf");

        AssertRefused("/s.conf");
    }

    [Theory]
    [InlineData("PGPORT", "Secret1", "PGPORT")]
    [InlineData("PGSSLMODE", "Secret1", "PGSSLMODE")]
    [InlineData("PGCONNECT_TIMEOUT", "Secret1", "PGCONNECT_TIMEOUT")]
    [InlineData("DATABASE_URL", "mysql://u:Secret1@h/db", "DATABASE_URL")]
    [InlineData("DATABASE_URL", "jdbc:postgresql://h/db?password=Secret1", "postgresql://")]
    [InlineData("DATABASE_URL", "Secret1", "DATABASE_URL")]
    public void A_bad_variable_is_named_and_not_shown(string name, string value, string expected)
    {
        Set("PGHOST", "h", name, value);

        AssertRefused(expected);
    }

    [Fact]
    public void The_password_file_is_asked_last()
    {
        Set("HOME", "/home/me", "PGHOST", "h", "PGUSER", "u");
        _files.Texts["/home/me/.pgpass"] = "h:5432:u:u:from file\n";
        _files.Texts["/other"] = "*:*:*:*:from other\n";

        Assert.Equal("from file", Environment().Find()!.Password);
        Assert.Equal("from other", Environment().Parse("postgres://h?passfile=/other", "-Uri").Password);
        Assert.Equal("from file", Environment().Complete(new ConnectionSettings { Host = "h" }).Password);
        Set("PGPASSFILE", "/other");
        Assert.Equal("from other", Environment().Find()!.Password);
        Set("PGPASSWORD", "p");
        Assert.Equal("p", Environment().Find()!.Password);
    }

    [Fact]
    public void A_password_file_open_to_others_is_noted()
    {
        Set("PGHOST", "h", "PGPASSFILE", "/p");
        _files.Texts["/p"] = "*:*:*:*:secret\n";
        _files.Modes["/p"] = UnixFileMode.UserRead | UnixFileMode.GroupRead;

        ConnectionSettings s = Environment().Find()!;

        Assert.Null(s.Password);
        Assert.Contains("0600", Assert.Single(s.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void The_process_has_an_environment()
        => Assert.NotNull(ConnectionEnvironment.OfProcess().Complete(new ConnectionSettings { Password = "x" }).UserName);

    private ConnectionEnvironment Environment() => new(name => _variables.GetValueOrDefault(name), _files, "sysuser");

    private void Set(params string[] pairs)
    {
        for (int i = 0; i < pairs.Length; i += 2)
        {
            _variables[pairs[i]] = pairs[i + 1];
        }
    }

    private void AssertRefused(string expected)
    {
        LeoException error = Assert.Throws<LeoException>(() => Environment().Find());
        Assert.Equal(LeoErrorId.ConnectionFailed, error.ErrorId);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Secret1", error.ToString(), StringComparison.Ordinal);
    }
}
