using LeoPS.PostgresTests.Fixtures;
using LeoPS.Sandbox;

namespace LeoPS.PostgresTests.Sandbox;

public sealed class SandboxRefusalTests
{
    [Fact]
    public async Task A_folder_with_someone_elses_files_is_refused_and_untouched()
    {
        await using var place = new SandboxPlace();
        Directory.CreateDirectory(place.Folder);
        string theirs = Path.Combine(place.Folder, "thesis.tex");
        await File.WriteAllTextAsync(theirs, "theirs");
        await RefusedAsync(() => place.StartAsync(), "thesis.tex");
        await RefusedAsync(() => place.Host.StopAsync(place.Folder, remove: true, CancellationToken.None), "not a sandbox");
        Assert.Equal([theirs], Directory.GetFileSystemEntries(place.Folder));
        Assert.Null(await place.Host.FindAsync(place.Folder, CancellationToken.None));
    }

    [Theory]
    [InlineData("{ \"kind\": \"another program\" }")]
    [InlineData("not json")]
    [InlineData("null")]
    public async Task A_file_of_our_name_that_is_not_ours_makes_no_sandbox(string text)
    {
        await using var place = new SandboxPlace();
        Directory.CreateDirectory(place.Folder);
        await File.WriteAllTextAsync(Path.Combine(place.Folder, "leops-sandbox.json"), text);
        await RefusedAsync(() => place.StartAsync(), "not a sandbox");
        await RefusedAsync(() => place.Host.StopAsync(place.Folder, remove: true, CancellationToken.None), "not a sandbox");
        Assert.Single(Directory.GetFileSystemEntries(place.Folder));
    }

    [Fact]
    public async Task A_file_an_empty_path_and_a_port_out_of_range_are_refused()
    {
        await using var place = new SandboxPlace();
        await File.WriteAllTextAsync(place.In("file"), "");
        await RefusedAsync(() => place.StartAsync(place.In("file")), "is a file");
        await RefusedAsync(() => place.StartAsync(" "), "-Path");
        await RefusedAsync(() => place.StartAsync(port: 0), "between 1 and 65535");
        await RefusedAsync(() => place.StartAsync(port: 65536), "between 1 and 65535");
        await RefusedAsync(() => place.Host.StopAsync(place.In("nothing"), remove: true, CancellationToken.None), "not a sandbox");
        Assert.False(Directory.Exists(place.Folder));
    }

    [PostgresFact(root: true)]
    public async Task A_parent_that_the_servers_user_may_not_enter_is_named()
    {
        await using var place = new SandboxPlace();
        string blocked = place.In("blocked");
        string folder = Path.Combine(blocked, "open", "server");
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path.GetDirectoryName(folder)!, TestFolder.Open);
            File.SetUnixFileMode(blocked, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        await RefusedAsync(() => place.StartAsync(folder), $"'{blocked}'", "chmod o+x", "-Path");
        Assert.False(Directory.Exists(folder));
    }

    [PostgresFact]
    public async Task A_configuration_the_server_refuses_is_told_with_its_reason()
    {
        await using var place = new SandboxPlace();
        await RefusedAsync(() => place.StartAsync(configuration: "no_such_setting = 1"), "no_such_setting", "server.log");
    }

    [PostgresFact]
    public async Task A_changed_password_is_told_as_such()
    {
        await using var place = new SandboxPlace();
        LeoSandbox sandbox = await place.StartAsync();
        await place.AskAsync(sandbox, "alter role leops password 'another'");
        await RefusedAsync(() => place.StartAsync(), "password of 'leops' was changed");
        File.Delete(Path.Combine(place.Folder, "password"));
        await RefusedAsync(() => place.StartAsync(), "is gone");
    }

    [PostgresFact]
    public async Task Damaged_data_are_told_as_such()
    {
        await using var place = new SandboxPlace();
        await place.StartAsync();
        await place.Host.StopAsync(place.Folder, remove: false, CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(place.Folder, "data", "PG_VERSION"), "");
        await RefusedAsync(() => place.StartAsync(), "damaged");
        File.Delete(Path.Combine(place.Folder, "data", "PG_VERSION"));
        await RefusedAsync(() => place.StartAsync(), "PG_VERSION");
    }

    [PostgresFact]
    public async Task Data_of_a_release_that_is_not_installed_are_told_as_such()
    {
        await using var place = new SandboxPlace(new Dictionary<string, string?> { ["PATH"] = "" });
        await place.StartAsync();
        await place.Host.StopAsync(place.Folder, remove: false, CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(place.Folder, "data", "PG_VERSION"), "99\n");
        await RefusedAsync(() => place.StartAsync(), "PostgreSQL 99", "made with it");
    }

    private static async Task RefusedAsync(Func<Task> work, params string[] words)
    {
        LeoException e = await Assert.ThrowsAsync<LeoException>(work);
        Assert.Equal(LeoErrorId.SandboxFailed, e.ErrorId);
        Assert.Null(e.InnerException);
        AssertEach.Of(words, word => Assert.Contains(word, e.Message, StringComparison.Ordinal));
    }
}
