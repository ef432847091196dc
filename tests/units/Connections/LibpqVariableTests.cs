using LeoPS.Units.Shape;

namespace LeoPS.Units.Connections;

/// <summary>Each environment variable of libpq is set to a value, and what LeoPS makes of it is seen.</summary>
public sealed class LibpqVariableTests
{
    private static readonly ConnectionSettings Plain = Find([]);

    /// <summary>A value of each variable that is used, and what it changes.</summary>
    private static readonly Dictionary<string, (string Value, Func<ConnectionSettings, object?> Part, object? Expected)> Used = new()
    {
        ["PGHOST"] = ("other.example", s => s.Host, "other.example"),
        ["PGHOSTADDR"] = ("10.0.0.9", s => s.Hosts[0].Target, "10.0.0.9"),
        ["PGPORT"] = ("5999", s => s.Port, 5999),
        ["PGDATABASE"] = ("other", s => s.Database, "other"),
        ["PGUSER"] = ("other", s => s.UserName, "other"),
        ["PGPASSWORD"] = ("p", s => s.Password, "p"),
        ["PGPASSFILE"] = ("/other.pgpass", s => s.Password, "from the file"),
        ["PGSERVICE"] = ("other", s => s.SslMode, "verify-ca"),
        ["PGSERVICEFILE"] = ("/other.conf", s => s.ConnectTimeout, TimeSpan.FromSeconds(77)),
        ["PGSYSCONFDIR"] = ("/etc/other", s => s.ConnectTimeout, TimeSpan.FromSeconds(78)),
        ["PGOPTIONS"] = ("-c work_mem=7MB", s => s.Options, "-c work_mem=7MB"),
        ["PGCONNECT_TIMEOUT"] = ("9", s => s.ConnectTimeout, TimeSpan.FromSeconds(9)),
        ["PGTARGETSESSIONATTRS"] = ("standby", s => s.TargetSession, "standby"),
        ["PGLOADBALANCEHOSTS"] = ("random", s => s.LoadBalance, true),
        ["PGREQUIREAUTH"] = ("!md5,!password", s => string.Join(' ', LoginMethods.AcceptedBy(s)), "gss sspi scram-sha-256 none"),
        ["PGCHANNELBINDING"] = ("require", s => string.Join(' ', LoginMethods.AcceptedBy(s)), "scram-sha-256"),
        ["PGKRBSRVNAME"] = ("pg", s => s.Security.KerberosService, "pg"),
        ["PGSSLMODE"] = ("verify-ca", s => TlsPolicy.Of(s).Mode, "verify-ca"),
        ["PGREQUIRESSL"] = ("1", s => TlsPolicy.Of(s with { Host = "localhost" }).Mode, "require"),
        ["PGSSLNEGOTIATION"] = ("direct", s => s.Security.Negotiation, "direct"),
        ["PGSSLROOTCERT"] = ("/other.crt", s => s.RootCertificate, "/other.crt"),
        ["PGSSLCERT"] = ("/client.crt", s => s.Security.Certificate, "/client.crt"),
        ["PGSSLKEY"] = ("/client.key", s => s.Security.CertificateKey, "/client.key"),
        ["PGSSLCERTMODE"] = ("disable", s => s.Security.CertificateMode, "disable"),
        ["PGSSLMINPROTOCOLVERSION"] = ("TLSv1.3", s => s.Security.MinimumTls, "TLSv1.3"),
        ["PGSSLMAXPROTOCOLVERSION"] = ("TLSv1.2", s => s.Security.MaximumTls, "TLSv1.2"),
    };

    /// <summary>A value of each variable that is refused, one that is not, and what the refusal says.</summary>
    private static readonly Dictionary<string, (string Refused, string? Harmless, string Says)> Refused = new()
    {
        ["PGGSSENCMODE"] = ("require", "prefer", "disable, prefer"),
        ["PGREQUIREPEER"] = ("postgres", null, "requirepeer"),
        ["PGSSLCRL"] = ("/crl.pem", null, "revocation"),
        ["PGSSLCRLDIR"] = ("/crls", null, "revocation"),
        ["PGMINPROTOCOLVERSION"] = ("3.2", "3.0", "3.0 only"),
    };

    public static TheoryData<string> Names => new(LibpqVariable.All.Select(v => v.Name));

    [Fact]
    public void The_table_has_every_variable_of_libpq_once()
    {
        const string All =
            "PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGPASSFILE PGREQUIREAUTH PGCHANNELBINDING PGSERVICE PGSERVICEFILE PGOPTIONS PGAPPNAME "
            + "PGSSLMODE PGREQUIRESSL PGSSLNEGOTIATION PGSSLCOMPRESSION PGSSLCERT PGSSLKEY PGSSLCERTMODE PGSSLROOTCERT PGSSLCRL PGSSLCRLDIR PGSSLSNI "
            + "PGREQUIREPEER PGSSLMINPROTOCOLVERSION PGSSLMAXPROTOCOLVERSION PGGSSENCMODE PGKRBSRVNAME PGGSSLIB PGGSSDELEGATION PGCONNECT_TIMEOUT "
            + "PGCLIENTENCODING PGTARGETSESSIONATTRS PGLOADBALANCEHOSTS PGMINPROTOCOLVERSION PGMAXPROTOCOLVERSION PGDATESTYLE PGTZ PGGEQO PGSYSCONFDIR "
            + "PGLOCALEDIR PGOAUTHDEBUG";
        Assert.Equal(All.Split(' ').Order(), LibpqVariable.All.Select(v => v.Name).Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_variable_does_what_the_table_says(string name)
    {
        LibpqVariable variable = LibpqVariable.All.Single(v => v.Name == name);
        switch (variable.Use)
        {
            case LibpqUse.Used:
                (string value, Func<ConnectionSettings, object?> part, object? expected) = Used[name];
                Assert.NotEqual(expected, part(Plain));
                Assert.Equal(expected, part(Find(new() { [name] = value })));
                break;
            case LibpqUse.Ignored:
                Assert.Equal(Text(Plain), Text(Find(new() { [name] = "whatever" })));
                break;
            default:
                (string refused, string? harmless, string says) = Refused[name];
                LeoException error = Assert.Throws<LeoException>(() => Find(new() { [name] = refused }, "/tmp"));
                Assert.Equal(LeoErrorId.ConnectionFailed, error.ErrorId);
                Assert.Contains(says, error.Message, StringComparison.Ordinal);
                Assert.Equal(Text(Plain), Text(Find(harmless is null ? [] : new() { [name] = harmless })));
                break;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_empty_variable_is_none(string name) => Assert.Equal(Text(Plain), Text(Find(new() { [name] = name == "PGHOST" ? "plain.example" : "" })));

    [Fact]
    public void The_owner_of_a_socket_matters_for_a_socket_only() => Assert.Equal(Text(Plain), Text(Find(new() { ["PGREQUIREPEER"] = "postgres" })));

    [Fact]
    public void The_page_prints_the_table()
    {
        string page = File.ReadAllText(Repository.At("docs", "environment.md")).ReplaceLineEndings("\n");
        string table = string.Concat(LibpqVariable.All.Select(v => $"| `{v.Name}` | {v.Use.ToString().ToLowerInvariant()} | {v.Effect} |\n"));
        Assert.Contains($"| variable | what happens | how |\n|---|---|---|\n{table}\n", page, StringComparison.Ordinal);
    }

    private static ConnectionSettings Find(Dictionary<string, string> variables, string host = "plain.example")
    {
        var files = new MemoryFiles();
        files.Texts["/other.pgpass"] = "*:*:*:*:from the file\n";
        files.Texts["/etc/plain/pg_service.conf"] = "[plain]\ndbname=plain\n[other]\ndbname=plain\nsslmode=verify-ca\n";
        files.Texts["/other.conf"] = "[plain]\ndbname=plain\nconnect_timeout=77\n";
        files.Texts["/etc/other/pg_service.conf"] = "[plain]\ndbname=plain\nconnect_timeout=78\n";
        var all = new Dictionary<string, string>
        {
            ["PGHOST"] = host, ["PGSERVICE"] = "plain", ["PGSYSCONFDIR"] = "/etc/plain", ["PGSERVICEFILE"] = "/none.conf",
        };
        foreach ((string name, string value) in variables)
        {
            // A service counts more than the variables.
            all[name] = value.Length == 0 && all.TryGetValue(name, out string? plain) ? plain : value;
            files.Texts["/etc/plain/pg_service.conf"] = name == "PGDATABASE" && value.Length > 0 ? "[plain]\nport=5432\n" : files.Texts["/etc/plain/pg_service.conf"];
        }

        return new ConnectionEnvironment(all.GetValueOrDefault, files, "sysuser").Find()!;
    }

    private static string Text(ConnectionSettings s) =>
        $"{s} {s.HostAddress} {s.SslMode} {s.RootCertificate} {s.Options} {s.TargetSession} {s.LoadBalance} {s.ConnectTimeout} {s.PoolerMode} {s.Password} "
        + string.Join(' ', typeof(SecuritySettings).GetProperties().Select(p => p.GetValue(s.Security)));
}
