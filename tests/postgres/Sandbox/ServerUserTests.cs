using System.Diagnostics;
using LeoPS.Postgres.Sandbox;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Sandbox;

public sealed class ServerUserTests
{
    [PostgresTheory(root: true)]
    [InlineData("setpriv", "nobody")]
    [InlineData("runuser", "nobody")]
    [InlineData("su", "nobody")]
    public async Task Root_becomes_another_user_by_whichever_tool_is_there(string tool, string name)
    {
        await using var place = new SandboxPlace();
        SandboxEnvironment environment = OnlyTool(place, tool);
        ServerUser user = await ServerUser.ResolveAsync(environment, name, CancellationToken.None);
        Assert.Equal((name, true), (user.Name, user.IsAnother));

        ProcessResult who = await user.RunAsync("id", ["-un"], "/", CancellationToken.None);
        Assert.Equal(name, who.Output.Trim());
        ProcessResult echo = await user.RunAsync("printf", ["%s|", "a b", "$HOME", "'", "\"", "-c", ""], "/", CancellationToken.None);
        Assert.Equal("a b|$HOME|'|\"|-c||", echo.Output);
        Assert.Equal(7, (await user.RunAsync("/bin/sh", ["-c", "exit 7"], "/", CancellationToken.None)).ExitCode);
    }

    [PostgresFact(root: true)]
    public async Task A_tool_that_does_not_do_it_is_passed_over_and_none_at_all_is_told()
    {
        await using var place = new SandboxPlace();
        SandboxEnvironment environment = OnlyTool(place, "su");
        File.CreateSymbolicLink(place.In("tools/setpriv"), "/bin/false");
        ServerUser user = await ServerUser.ResolveAsync(environment, "nobody", CancellationToken.None);
        Assert.Equal("nobody", (await user.RunAsync("id", ["-un"], "/", CancellationToken.None)).Output.Trim());

        File.Delete(place.In("tools/su"));
        LeoException e = await Assert.ThrowsAsync<LeoException>(() => ServerUser.ResolveAsync(environment, "nobody", CancellationToken.None));
        Assert.Contains("util-linux", e.Message, StringComparison.Ordinal);
    }

    [PostgresFact(root: true)]
    public async Task An_owner_who_does_not_exist_is_named()
    {
        LeoException e = await Assert.ThrowsAsync<LeoException>(
            () => ServerUser.ResolveAsync(new SandboxEnvironment(), "no-such-user", CancellationToken.None));
        Assert.Contains("'no-such-user'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ordinary_user_runs_the_server_and_is_kept_from_anothers_data()
    {
        var environment = new SandboxEnvironment { IsRoot = false };
        ServerUser user = await ServerUser.ResolveAsync(environment, Environment.UserName, CancellationToken.None);
        Assert.False(user.IsAnother);
        LeoException e = await Assert.ThrowsAsync<LeoException>(
            () => ServerUser.ResolveAsync(environment, "someone-else", CancellationToken.None));
        Assert.Contains("'someone-else'", e.Message, StringComparison.Ordinal);
    }

    [PostgresFact(unix: true)]
    public async Task The_server_gets_none_of_our_environment()
    {
        ServerUser user = await ServerUser.ResolveAsync(new SandboxEnvironment(), owner: null, CancellationToken.None);
        const string Name = "LEOPS_TEST_SECRET";
        Environment.SetEnvironmentVariable(Name, "hush");
        try
        {
            ProcessResult result = await user.RunAsync("env", [], "/", CancellationToken.None);
            Assert.DoesNotContain(Name, result.Output, StringComparison.Ordinal);
            Assert.Contains("LC_ALL=C", result.Output, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Name, null);
        }
    }

    [PostgresFact(unix: true)]
    public async Task A_program_that_outlives_its_parent_does_not_hold_us_up()
    {
        var watch = Stopwatch.StartNew();
        ProcessResult result = await ProcessRunner.RunBareAsync("/bin/sh", ["-c", "echo done; sleep 20 &"], "/", CancellationToken.None);
        Assert.True(result.Succeeded);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(15), $"Waited {watch.Elapsed}.");
    }

    private static SandboxEnvironment OnlyTool(SandboxPlace place, string tool)
    {
        string folder = place.In("tools");
        Directory.CreateDirectory(folder);
        string real = new SandboxEnvironment().FindTool(tool) ?? throw new InvalidOperationException($"This machine has no {tool}.");
        File.CreateSymbolicLink(Path.Combine(folder, tool), real);
        return new SandboxEnvironment { SystemTools = [folder], Variable = _ => null };
    }
}
