using System.Diagnostics;
using LeoPS.Executions;
using LeoPS.Flows;
using LeoPS.Ports;
using LeoPS.Postgres;
using LeoPS.Postgres.Sandbox;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Sandbox;

namespace LeoPS.PostgresTests.Executions;

/// <summary>An owner whose server stays away. Apart from OwnerRestartTests, so that the two, which mostly wait, run beside each other.</summary>
public sealed class OwnerWithoutServerTests
{
    [PostgresFact]
    public async Task An_owner_whose_server_stays_away_is_told_to_stop()
    {
        await using TestFolder folder = await TestFolder.CreateAsync();
        var host = new SandboxHost(folder.SandboxEnvironment);
        ConnectionSettings settings = host.SettingsOf(await host.StartAsync(new SandboxOptions { Path = folder.In("server"), Configuration = ["fsync = off"] }, CancellationToken.None));
        await using ILeoDatabase database = await new PostgresStorage().ConnectAsync(settings, CancellationToken.None);
        await database.Schema.InstallAsync(CallContext.For("Test"), CancellationToken.None);
        await database.Flows.CreateAsync(
            [new NewFlow { FlowKey = "f", Source = "f", Values = new FlowValues { FlowName = "f", FlowDefinition = "{}", Given = FlowFields.FlowName | FlowFields.FlowDefinition } }], Bulk.Each, CallContext.For("Test"), CancellationToken.None).OutcomesAsync();
        OwnedStart start = await database.Executions.StartOwnedAsync(
            new RunStartRules(ExecutionStatus.Running, KeyConflict.Fail, false), new RunStart { FlowKey = "f" }, CallContext.For("Test"), CancellationToken.None);
        await host.StopAsync(folder.In("server"), remove: false, CancellationToken.None);
        long stopped = Stopwatch.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(12), start.Run!.Over).ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.InRange(Stopwatch.GetElapsedTime(stopped).TotalSeconds, 7, 10);
        Assert.Contains("did not come back in time", start.Run.End?.Why, StringComparison.Ordinal);
    }
}
