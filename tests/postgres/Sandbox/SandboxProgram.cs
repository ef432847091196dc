using LeoPS.Postgres.Sandbox;
using LeoPS.Sandbox;

namespace LeoPS.PostgresTests.Sandbox;

/// <summary>The test assembly run as a program, for what needs a process of its own: two at once, one that is killed.</summary>
internal static class SandboxProgram
{
    /// <summary>Starts the sandbox of a folder and prints its process id and port. Arguments: folder, folder of the list of sandboxes.</summary>
    public static async Task<int> Main(string[] arguments)
    {
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
