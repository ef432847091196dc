using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Owners whose login begins each session in another role (alter role … set role), which may not see the session of the login.</summary>
public sealed class OwnerRoleTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private const string Login = "begins_as_service";

    private const string Keepers = """
        select pid from pg_stat_activity where datname = current_database() and application_name like 'LeoPS/% keeper'
        """;

    [PostgresFact]
    public async Task A_login_that_begins_in_another_role_claims_and_starts_runs_of_its_own()
    {
        await Database.InsertAsync(2, "pending");
        await using ILeoDatabase database = await OpenAsync();
        Assert.Equal("service_role", database.Server.Role);

        var claim = new RunClaim(ExecutionDatabase.Starting(), 1, null, RunValues.None);
        FlowExecution claimed = Assert.Single(await database.Executions.ClaimAllAsync(claim, ExecutionDatabase.Context, CancellationToken.None)).Row!;
        OwnedStart started = await database.Executions.StartOwnedAsync(
            ExecutionDatabase.Starting(), ExecutionDatabase.Run(), ExecutionDatabase.Context, CancellationToken.None);
        Assert.Equal((OutcomeKind.Changed, null), (started.Outcome.Kind, started.Outcome.Error?.Message));
        Assert.Equal(OwnershipEvidence.Lock, RunOwner.Of(claimed)!.Evidence);
        Assert.Empty(await Database.ReadAsync(new ExecutionQuery { Filter = new ExecutionFilter { Orphaned = true } }, database));

        database.Executions.FindOwned(claimed.Id)!.Release();
        started.Run!.Release();
    }

    [PostgresFact]
    public async Task Two_connections_as_one_user_share_the_session_of_their_locks()
    {
        await Database.InsertAsync(2, "pending");
        var claim = new RunClaim(ExecutionDatabase.Starting(), 1, null, RunValues.None);
        var claimed = new List<FlowExecution>();
        await using ILeoDatabase one = await OpenAsUserAsync();
        await using ILeoDatabase two = await OpenAsUserAsync();
        foreach (ILeoDatabase database in new[] { one, two })
        {
            claimed.Add(Assert.Single(await database.Executions.ClaimAllAsync(claim, ExecutionDatabase.Context, CancellationToken.None)).Row!);
        }

        Assert.Single(await Database.ColumnAsync<int>(Keepers));
        claimed.ForEach(c => one.Executions.FindOwned(c.Id)!.Release());

        Task<ILeoDatabase> OpenAsUserAsync() => Database.OpenAsync(s => s with { Claims = SessionClaims.Of("""{"org": 1}""", null, null) });
    }

    [PostgresFact]
    public async Task Its_session_of_the_locks_that_the_network_lost_is_ended_and_the_locks_are_taken_again()
    {
        await using var proxy = new TcpProxy(Database.Settings);
        await using ILeoDatabase database = await OpenAsync(s => s with { Host = "127.0.0.1", Port = proxy.Port });
        OwnedStart started = await database.Executions.StartOwnedAsync(
            ExecutionDatabase.Starting(), ExecutionDatabase.Run(), ExecutionDatabase.Context, CancellationToken.None);
        int before = Assert.Single(await Database.ColumnAsync<int>(Keepers));
        proxy.Freeze();

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (await Database.ColumnAsync<int>(Keepers) is not [var now] || now == before)
        {
            await Task.Delay(100, patience.Token);
        }

        Assert.Null(started.Run!.End);
        started.Run.Release();
    }

    private async Task<ILeoDatabase> OpenAsync(Func<ConnectionSettings, ConnectionSettings>? change = null)
    {
        if (!await Database.ScalarAsync<bool>($"select exists (select from pg_roles where rolname = '{Login}')"))
        {
            await Database.RunAsync($"""
                create role {Login} login noinherit password '{ExecutionDatabase.LoginPassword}' in role service_role;
                alter role {Login} set role = 'service_role'
                """);
        }

        return await Database.OpenAsync(s => (change?.Invoke(s) ?? s) with { UserName = Login, Password = ExecutionDatabase.LoginPassword });
    }
}
