using System.Diagnostics;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.Postgres;
using LeoPS.Postgres.Sandbox;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Sandbox;
using Npgsql;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Owners under a restart of the server.</summary>
public sealed class OwnerRestartTests
{
    private const string Heldlocks = "select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())";

    [PostgresFact]
    public async Task Of_twenty_living_owners_none_is_taken_for_an_orphan_and_a_dead_one_is_after_the_grace()
    {
        await using TestFolder folder = await TestFolder.CreateAsync();
        var host = new SandboxHost(folder.SandboxEnvironment);
        LeoSandbox sandbox = await host.StartAsync(new SandboxOptions { Path = folder.In("server"), Configuration = ["fsync = off"] }, CancellationToken.None);
        ConnectionSettings settings = host.SettingsOf(sandbox);
        await using ILeoDatabase reaper = await OpenAsync(settings);
        await reaper.Schema.InstallAsync(CallContext.For("Test"), CancellationToken.None);
        Guid dead = await ScalarAsync<Guid>(settings, """
            insert into crewai_flows (flow_key, flow_name, flow_definition, status) values ('f', 'f', '{}', 'active');
            insert into crewai_flow_executions (flow_id, execution_key, status, started_at, metadata)
            select id, 'DEAD', 'running', now(), jsonb_build_object('leopsOwner', jsonb_build_object('evidence', 'Lock', 'host', 'h', 'pid', 1, 'startedAt', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))
            from crewai_flows returning id
            """);
        // As many processes as there are ways to connect: each has a session of its own for its runs.
        var owned = new List<IOwnedRun>();
        for (int i = 0; i < 20; i++)
        {
            await using ILeoDatabase database = await OpenAsync(settings with { Options = $"-c geqo_seed=0.{i:00}" });
            OwnedStart start = await database.Executions.StartOwnedAsync(
                new RunStartRules(ExecutionStatus.Running, KeyConflict.Fail, false), new RunStart { FlowKey = "f" }, CallContext.For("Test"), CancellationToken.None);
            owned.Add(start.Run!);
        }

        Assert.Equal(20, await ScalarAsync<long>(settings, $"select count(distinct pid) from ({Heldlocks.Replace("count(*)", "pid", StringComparison.Ordinal)}) l"));
        Assert.Equal([dead], await OrphansAsync(reaper));
        await host.StopAsync(folder.In("server"), remove: false, CancellationToken.None);
        await host.StartAsync(new SandboxOptions { Path = folder.In("server"), Port = settings.Port }, CancellationToken.None);
        NpgsqlConnection.ClearAllPools();
        long start1 = Stopwatch.GetTimestamp();
        await using ILeoDatabase again = await OpenAsync(settings);
        while (await ScalarAsync<long>(settings, Heldlocks) < 20)
        {
            Assert.Empty(await OrphansAsync(again));
            Assert.True(Stopwatch.GetElapsedTime(start1) < TimeSpan.FromSeconds(8));
        }

        // One dead before the restart and the living behind it: in the grace nobody can tell, and after it everybody can.
        List<Guid> orphans;
        double age;
        do
        {
            await Task.Delay(250);
            age = await ScalarAsync<double>(settings, "select extract(epoch from now() - pg_postmaster_start_time())::float8");
            orphans = await OrphansAsync(again);
        }
        while (orphans.Count == 0 && age < 15);

        Assert.Equal([dead], orphans);
        Assert.InRange(age, 9.8, 12);
        Assert.Equal([dead], await OrphansAsync(again));
        AssertEach.Of(owned, o => Assert.Equal((false, null), (o.Over.IsCancellationRequested, o.End)));
        owned.ForEach(o => o.Release());
    }

    private static Task<ILeoDatabase> OpenAsync(ConnectionSettings settings) => new PostgresStorage().ConnectAsync(settings, CancellationToken.None);

    private static async Task<T> ScalarAsync<T>(ConnectionSettings settings, string sql)
    {
        var builder = new NpgsqlConnectionStringBuilder { Host = settings.Host, Port = settings.Port, Database = settings.Database, Username = settings.UserName, Password = settings.Password, Pooling = false };
        await using var connection = new NpgsqlConnection(builder.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<List<Guid>> OrphansAsync(ILeoDatabase database)
    {
        var ids = new List<Guid>();
        await foreach (var chunk in database.Executions.ReadAsync(new ExecutionQuery { Filter = new ExecutionFilter { Orphaned = true } }, CallContext.For("Test"), CancellationToken.None))
        {
            ids.AddRange(chunk.Select(i => i.Row.Id));
        }

        return ids;
    }
}
