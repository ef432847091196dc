using LeoPS.Ports;
using LeoPS.Postgres;
using LeoPS.Sandbox;

namespace LeoPS.Example;

/// <summary>The demo's job through the library, for machines without PowerShell: a sandbox, sample rows, what is ready is sent, and flows run.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };

        ISandboxHost host = new PostgresStorage().Sandboxes;
        string path = args.Length > 0 ? Path.GetFullPath(args[0]) : host.DefaultPath + "-demo";
        try
        {
            // The data are new on every run, so that it can be started as often as one likes.
            if (await host.FindAsync(path, stop.Token) is not null)
            {
                await host.StopAsync(path, remove: true, stop.Token);
            }

            try
            {
                if (!await RunAsync(host, path, stop.Token))
                {
                    return 1;
                }
            }
            finally
            {
                if (await host.FindAsync(path, CancellationToken.None) is not null)
                {
                    await host.StopAsync(path, remove: false, CancellationToken.None);
                }
            }

            Console.WriteLine();
            Console.WriteLine($"The sandbox in {path} is stopped; \"dotnet run --project examples/dotnet\" starts over.");
            Console.WriteLine("With PowerShell 7.4 or later \"./build.sh demo\" shows the cmdlets on the same rows.");
            return 0;
        }
        catch (LeoException e)
        {
            Console.Error.WriteLine($"{e.ErrorId}: {e.Message}");
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.Error.WriteLine("Stopped.");
            return 1;
        }
    }

    private static async Task<bool> RunAsync(ISandboxHost host, string path, CancellationToken cancellationToken)
    {
        Console.WriteLine($"Starting a private PostgreSQL server in {path} ...");
        LeoSandbox sandbox = await host.StartAsync(new SandboxOptions { Path = path }, cancellationToken);
        Console.WriteLine($"PostgreSQL {sandbox.ServerVersion} listens on {sandbox.HostName}:{sandbox.Port}.");

        var context = CallContext.For("LeoPS.Example");
        await using ILeoDatabase database = await new PostgresStorage().ConnectAsync(host.SettingsOf(sandbox), cancellationToken);
        var installed = await database.Schema.InstallAsync(context, cancellationToken);
        int sample = await database.Schema.AddSampleAsync(context, cancellationToken);
        Console.WriteLine($"Installed the schema ({installed.Created.Count} objects) and {sample} sample handoffs.");
        bool handoffs = await new HandoffStory(database, context).TellAsync(cancellationToken);
        bool runs = await new RunStory(database, context).TellAsync(cancellationToken);
        return handoffs && runs;
    }
}
