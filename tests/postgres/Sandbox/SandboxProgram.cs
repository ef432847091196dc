using LeoPS.Postgres.Sandbox;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Sandbox;

namespace LeoPS.PostgresTests.Sandbox;

/// <summary>The test assembly run as a program, for what needs a process of its own: two at once, one that is killed.</summary>
internal static class SandboxProgram
{
    /// <summary>The argument with which the program behaves as a test run that never ends.</summary>
    public const string Hang = "hang";

    /// <summary>
    /// Starts the sandbox of a folder and prints its process id and port. Arguments: folder, folder of the list of sandboxes. With
    /// <see cref="Hang"/> alone it starts one in the folder of its run, prints that folder and the server's process id, and hangs.
    /// </summary>
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is [Hang])
        {
            await using TestFolder place = await TestFolder.CreateAsync();
            LeoSandbox server = await new SandboxHost(place.SandboxEnvironment)
                .StartAsync(new SandboxOptions { Path = place.In("server"), Configuration = ["fsync = off"] }, CancellationToken.None);
            Console.WriteLine($"{TestRun.Folder}|{server.ProcessId}");
            await Task.Delay(Timeout.Infinite);
        }

        if (arguments is not [string folder, string state])
        {
            await Console.Error.WriteLineAsync("Usage: <folder> <state folder>. The tests themselves are run with 'dotnet test'.");
            return 2;
        }

        var host = new SandboxHost(new SandboxEnvironment { StateFolder = state });
        LeoSandbox sandbox = await host.StartAsync(new SandboxOptions { Path = folder }, CancellationToken.None);
        Console.WriteLine($"{sandbox.ProcessId} {sandbox.Port}");
        return 0;
    }
}
