namespace LeoPS.Units.Connections;

public sealed class PasswordFileTests
{
    private readonly MemoryFiles _files = new();

    [Theory]
    [InlineData("h:5432:db:u:pw", "pw")]
    [InlineData("*:*:*:*:pw", "pw")]
    [InlineData("# h:5432:db:u:no\n\nx:5432:db:u:no\nh:5433:db:u:no\nh:5432:x:u:no\nh:5432:db:x:no\nh:*:db:u:pw\nh:5432:db:u:late", "pw")]
    [InlineData("h:5432:db:u:a:b", "a:b")]
    [InlineData(@"h:5432:db:u:a\:b\\c", @"a:b\c")]
    [InlineData("h:5432:db:u:größe 🔑 \r\n", "größe 🔑 ")]
    [InlineData("h:5432:db:u:", null)]
    [InlineData("h:5432:db:u", null)]
    [InlineData("h:5432:db", null)]
    [InlineData("*:*:*", null)]
    [InlineData("h", null)]
    [InlineData("", null)]
    public void The_first_line_that_fits_counts(string text, string? expected)
        => Assert.Equal(expected, Find(text, new ConnectionHost("h", 5432)).Password);

    [Theory]
    [InlineData("::1", @"\:\:1:5432:db:u:pw", "pw")]
    [InlineData("::1", "::1:5432:db:u:pw", null)]
    [InlineData("/tmp", "localhost:5432:db:u:pw", "pw")]
    [InlineData("/run/postgresql", "localhost:5432:db:u:pw", "pw")]
    [InlineData("/srv/sockets", "localhost:5432:db:u:pw", null)]
    [InlineData("/srv/sockets", "/srv/sockets:5432:db:u:pw", "pw")]
    public void Hosts_fit_as_libpq_has_it(string host, string text, string? expected)
        => Assert.Equal(expected, Find(text, new ConnectionHost(host, 5432)).Password);

    [Fact]
    public void Several_hosts_share_the_first_password_and_a_difference_is_noted()
    {
        ConnectionHost[] hosts = [new("a", 1), new("b", 2), new("c", 3)];

        PasswordLookup one = Find("b:2:db:u:x\nc:3:db:u:x", hosts);
        PasswordLookup two = Find("b:2:db:u:x\nc:3:db:u:y", hosts);

        Assert.Equal(("x", null), (one.Password, one.Note));
        Assert.Equal("x", two.Password);
        Assert.Contains("different passwords", two.Note, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead, true)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, true)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupRead, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.OtherRead, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.OtherExecute, false)]
    public void Only_the_owner_may_have_access(UnixFileMode mode, bool used)
    {
        _files.Modes["/pgpass"] = mode;

        PasswordLookup lookup = Find("*:*:*:*:Secret1", new ConnectionHost("h", 5432));

        Assert.Equal(used ? "Secret1" : null, lookup.Password);
        Assert.Equal(used, lookup.Note is null);
        Assert.DoesNotContain("Secret1", lookup.Note ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_silent_and_an_unreadable_one_is_not()
    {
        PasswordLookup missing = PasswordFile.Find("/nowhere", _files, [new("h", 1)], "db", "u");
        _files.Refused.Add("/pgpass");
        PasswordLookup refused = Find("x", new ConnectionHost("h", 5432));

        Assert.Equal((null, null), (missing.Password, missing.Note));
        Assert.Contains("cannot be read", refused.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void The_disk_is_read_as_it_is()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string folder = Directory.CreateTempSubdirectory("leops-pgpass").FullName;
        string path = Path.Combine(folder, "pgpass");
        var disk = new ConnectionFiles();
        try
        {
            Assert.Null(disk.ReadText(path));
            Assert.Null(disk.ReadText(Path.Combine(path, "deeper")));
            File.WriteAllText(path, "*:*:*:*:pw\n");
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            Assert.Contains("0600", PasswordFile.Find(path, disk, [new("h", 1)], "db", "u").Note, StringComparison.Ordinal);
            File.SetUnixFileMode(path, UnixFileMode.UserRead);
            Assert.Equal("pw", PasswordFile.Find(path, disk, [new("h", 1)], "db", "u").Password);
            Assert.Contains("cannot be read", PasswordFile.Find(folder, disk, [new("h", 1)], "db", "u").Note, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Property]
    public bool Any_escaped_line_gives_its_password(string? host, string? user, string? password)
    {
        string h = "h" + Line(host), u = "u" + Line(user), p = "p" + Line(password);
        string text = $"other:1:db:u:no\n{Escape(h)}:5432:db:{Escape(u)}:{Escape(p)}\n";
        _files.Texts["/pgpass"] = text;
        return PasswordFile.Find("/pgpass", _files, [new(h, 5432)], "db", u).Password == p;
    }

    private static string Line(string? text) => (text ?? "").Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal);

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);

    private PasswordLookup Find(string text, params ConnectionHost[] hosts)
    {
        _files.Texts["/pgpass"] = text;
        return PasswordFile.Find("/pgpass", _files, hosts, "db", "u");
    }
}
