using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Cmdlets;

/// <summary>Connections that end while one pipeline runs: what was not sent goes over a new connection, and what was cut off says what to do.</summary>
public sealed class LostConnectionTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    private const string Terminate = """
        select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity
        where datname = current_database() and application_name like 'LeoPS/%' and pid <> pg_backend_pid()
        """;

    private CmdletSession Session { get; } = new();

    public override async Task DisposeAsync()
    {
        Session.Dispose();
        await base.DisposeAsync();
    }

    [PostgresTheory]
    [InlineData("Get-HandoffPreparation", "Set-HandoffStatus Sent -BatchSize 1")]
    [InlineData("Get-HandoffPreparation", "Set-HandoffStatus Sent")]
    [InlineData("Get-HandoffPreparation", "Set-HandoffStatus Sent -Atomic")]
    [InlineData("Get-HandoffPreparation -PageSize 2", "Set-HandoffStatus Sent -BatchSize 1")]
    [InlineData("Get-HandoffPreparation", "Set-HandoffPreparation -DemoUrl 'https://x' -BatchSize 1")]
    public async Task Sessions_that_are_terminated_in_a_slow_step_cost_nothing(string get, string set)
    {
        List<Guid> ids = await Database.InsertAsync(6);
        Session.Connect(Database.Settings, await Database.OpenAsync(s => s));
        Session.Set("terminate", (Action)TerminateAll);

        // The sessions that ran a statement are idle in the pool by then.
        CmdletResult result = Session.Run($"{get} | ForEach-Object {{ Start-Sleep -Milliseconds 150; $terminate.Invoke(); $_ }} | {set}");

        Assert.Equal([], result.Errors.Select(e => e.ToString()));
        Assert.Equal(ids.Order(), result.As<HandoffPreparation>().Select(h => h.Id).Order());
    }

    [PostgresFact]
    public async Task Sessions_that_idle_longer_than_idle_session_timeout_in_a_slow_step_cost_nothing()
    {
        // More than Get reads ahead: its session waits for the pipeline, which is not idle to the server.
        await Database.InsertAsync(4000);
        await Database.RunAsync($"alter database \"{Database.Name}\" set idle_session_timeout = '200ms'");
        Session.Connect(Database.Settings, await Database.OpenAsync(s => s));

        CmdletResult result = Session.Run(
            "$row = 0; Get-HandoffPreparation | ForEach-Object { if ($row++ % 1500 -eq 1) { Start-Sleep -Milliseconds 600 }; $_ } | Set-HandoffStatus Sent -Summary");

        Assert.Equal([], result.Errors.Select(e => e.ToString()));
        Assert.Equal(4000, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations where handoff_status = 'sent'"));
    }

    [PostgresTheory]
    [InlineData("Get-HandoffPreparation")]
    [InlineData("Get-HandoffPreparation -AsJson")]
    public async Task A_read_that_is_cut_off_keeps_its_rows_and_says_what_to_do(string get)
    {
        await Database.Database.Schema.InstallWithHistoryAsync(HandoffDatabase.Context, CancellationToken.None);
        await Database.RunAsync($"""
            insert into exec_handoff_preparations (session_id, sd_id, handoff_status, implementation_summary)
            select '{HandoffDatabase.SessionId}', '{HandoffDatabase.SdId}', 'ready', repeat('Summary ' || n, 40) from generate_series(1, 20000) n
            """);
        Session.Connect(Database.Settings, await Database.OpenAsync(s => s));
        Session.Set("terminate", (Action)TerminateAll);

        CmdletResult result = Session.Run($"$row = 0; {get} | ForEach-Object {{ if (++$row -eq 100) {{ $terminate.Invoke() }}; $_ }}");

        Assert.Equal(["ConnectionLost"], result.ErrorIds);
        Assert.InRange(result.Output.Count, 100, 19_999);
        string message = result.Errors[0].ToString();
        Assert.Contains("Nothing was written", message, StringComparison.Ordinal);
        Assert.Contains("run the command again", message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Connect again", message, StringComparison.OrdinalIgnoreCase);

        // The next command does so by itself.
        Assert.Empty(Session.Run($"{get} -First 1").Errors);
    }

    private void TerminateAll() => Database.ScalarAsync<long>(Terminate).GetAwaiter().GetResult();
}
