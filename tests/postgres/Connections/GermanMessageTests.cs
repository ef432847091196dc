using LeoPS.Changes;
using LeoPS.Ports;
using LeoPS.Postgres;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;
using Xunit.Abstractions;

namespace LeoPS.PostgresTests.Connections;

/// <summary>A server that speaks German: the same error ids and the same advice as from one that speaks English.</summary>
public sealed class GermanMessageTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Limited = "limited_login";
    private const string Password = "of these tests alone";
    private const string Handoff = "public.exec_handoff_preparations";

    private readonly List<(string Condition, LeoErrorId Id, string? SqlState, string Message)> _said = [];
    private GermanServer? _german;

    private PostgresServer Server => _german!.Server;

    public async Task InitializeAsync()
    {
        if (GermanServer.MissingBecause is null)
        {
            _german = await GermanServer.StartAsync();
        }
    }

    public async Task DisposeAsync()
    {
        if (_german is not null)
        {
            await _german.DisposeAsync();
        }
    }

    [GermanFact]
    public async Task The_same_id_and_advice_as_in_English()
    {
        await using HandoffDatabase database = await HandoffDatabase.CreateAsync(Server);
        List<Guid> ids = await FillAsync(database);
        await _german!.SpeakAsync(isGerman: false);
        await BreakAsync(database, ids);
        var english = _said.ToList();
        _said.Clear();
        await _german.SpeakAsync(isGerman: true);
        await BreakAsync(database, ids);

        Assert.Equal(english.Select(e => (e.Condition, e.Id, e.SqlState)), _said.Select(e => (e.Condition, e.Id, e.SqlState)));
        int translated = 0;
        foreach ((string before, string after, string condition) in english.Zip(_said, (e, g) => (e.Message, g.Message, e.Condition)))
        {
            output.WriteLine($"{condition}\n  {before}\n  {after}");
            translated += before == after ? 0 : 1;
            AssertAdvice(before, after);
        }

        // Messages that quote the server do differ.
        Assert.InRange(translated, 6, english.Count);
    }

    /// <summary>The two differ in what they quote of the server, which is one part of one sentence.</summary>
    private static void AssertAdvice(string english, string german)
    {
        int start = english.Zip(german).TakeWhile(pair => pair.First == pair.Second).Count();
        int end = english[start..].Reverse().Zip(german[start..].Reverse()).TakeWhile(pair => pair.First == pair.Second).Count();
        AssertEach.Of(
            [english[start..^end], german[start..^end]],
            part => Assert.False(part.Contains(". ", StringComparison.Ordinal), $"Other advice: {part}"));
    }

    private static async Task<List<Guid>> FillAsync(HandoffDatabase database)
    {
        List<Guid> ids = await database.InsertAsync(2);
        await database.RunAsync($"""
            alter table {Handoff} add constraint thin check (implementation_summary <> 'bad') not valid;
            alter table {Handoff} add constraint one_each unique (session_id, implementation_summary);
            create role {Limited} login password '{Password}' connection limit 0;
            create role outsider;
            create table held (id int primary key);
            insert into held values (1), (2)
            """);
        return ids;
    }

    private async Task BreakAsync(HandoffDatabase database, List<Guid> ids)
    {
        await FailToConnectAsync("wrong password", s => s with { Password = "wr0ng" });
        await FailToConnectAsync("unknown user", s => s with { UserName = "nobody_of_this_name" });
        await FailToConnectAsync("unknown database", s => s with { Database = "no_such_database" });
        await FailToConnectAsync("too many connections", s => s with { UserName = Limited, Password = Password });
        await FailToConnectAsync("unknown role", s => s with { Role = "no_such_role" });
        await FailToConnectAsync("unknown setting", s => s with { Options = "-c no_such_setting=1" });
        await FailToConnectAsync("shutting down", s => s, _german!.WhileShuttingDownAsync);
        NpgsqlConnection.ClearAllPools();

        await RunAsync(database, "permission to read", s => s with { Role = "outsider" }, "Get-HandoffPreparation");
        await RunAsync(database, "permission to write", s => s with { Role = "outsider" }, $"'{ids[0]}' | Set-HandoffStatus Sent");
        await RunAsync(database, "permission to install", s => s with { Role = "outsider" }, "Install-LeoSchema -WithHistory");
        await RunAsync(database, "policy on update", s => s with { Role = "authenticated" }, $"'{ids[0]}' | Set-HandoffStatus Sent");
        await RunAsync(
            database, "policy on insert", s => s with { Role = "authenticated" }, $"New-HandoffPreparation -Session {HandoffDatabase.SessionId} -ImplementationSummary x");
        const string Same = "Set-HandoffPreparation -ImplementationSummary same";
        await RunAsync(database, "unique", s => s, $"$null = '{ids[0]}' | {Same}; '{ids[1]}' | {Same}");
        await RunAsync(database, "check", s => s, $"'{ids[0]}' | Set-HandoffPreparation -ImplementationSummary bad");
        await RunAsync(database, "read-only", s => s with { ReadOnly = true }, $"'{ids[0]}' | Set-HandoffStatus Sent");
        await RunAsync(database, "read-only default", s => s with { Options = "-c default_transaction_read_only=on" }, $"'{ids[0]}' | Set-HandoffStatus Sent");
        await RunAsync(database, "read-only installation", s => s with { Options = "-c default_transaction_read_only=on" }, "Install-LeoSchema -WithHistory");
        await using (await database.HoldAsync(ids[0]))
        {
            await RunAsync(database, "row lock", s => s, $"'{ids[0]}' | Set-HandoffStatus Sent -LockTimeout 200ms");
        }

        await using (NpgsqlConnection holder = await database.ConnectAsync())
        {
            await using var command = new NpgsqlCommand($"begin; lock table {Handoff}", holder);
            await command.ExecuteNonQueryAsync();
            await RunAsync(database, "lock timeout", s => s, $"'{ids[0]}' | Set-HandoffStatus Sent -LockTimeout 200ms");
            await RunAsync(database, "statement timeout", s => s, "Get-HandoffPreparation -CommandTimeout 300ms");
            await RunAsync(database, "termination", s => s, "Get-HandoffPreparation", () => database.ScalarAsync<long>("""
                select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity
                where datname = current_database() and application_name like 'LeoPS/%' and wait_event_type = 'Lock'
                """));
        }

        await DeadlockAsync(database, ids);
        Assert.Equal(2, await database.ScalarAsync<long>($"select count(*) from {Handoff} where handoff_status = 'ready'"));
    }

    /// <summary>A transaction waits for a row of a session that waits for one of its own, and is the one that looks for deadlocks first.</summary>
    private async Task DeadlockAsync(HandoffDatabase database, List<Guid> ids)
    {
        await using NpgsqlConnection holder = await database.HoldAsync(ids[1]);
        await using ILeoTransaction transaction = await database.Database.BeginAsync(CancellationToken.None);
        await transaction.Database.Handoffs.ChangeAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(ids[0])], Bulk.Each, HandoffDatabase.Context, CancellationToken.None).OutcomesAsync();
        await using var command = new NpgsqlCommand(
            $"set deadlock_timeout = '60s'; update {Handoff} set handoff_status = handoff_status where id = '{ids[0]}'; rollback", holder);
        Task<int> waiting = command.ExecuteNonQueryAsync();
        await Task.Delay(200);
        try
        {
            foreach (ChangeOutcome<HandoffPreparation> outcome in await transaction.Database.Handoffs.ChangeAsync(
                HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(ids[1])], Bulk.Each, HandoffDatabase.Context, CancellationToken.None).OutcomesAsync())
            {
                Say("deadlock", outcome.Error ?? throw new InvalidOperationException("No deadlock."));
            }
        }
        catch (LeoException refused)
        {
            Say("deadlock", refused);
        }

        await transaction.DisposeAsync();
        await waiting;
    }

    private async Task RunAsync(
        HandoffDatabase database, string condition, Func<ConnectionSettings, ConnectionSettings> change, string script, Func<Task>? meanwhile = null)
    {
        using var session = new CmdletSession();
        session.Connect(database.Settings, await database.OpenAsync(change));
        Task<CmdletResult> run = Task.Run(() => session.Run(script));
        if (meanwhile is not null)
        {
            await database.WaitUntilRunningAsync(1);
            await meanwhile();
        }

        CmdletResult result = await run;
        Assert.True(result.Errors.Count > 0, $"No error: {condition}.");
        foreach (var error in result.Errors)
        {
            Say(condition, Assert.IsType<LeoException>(error.Exception));
        }
    }

    private async Task FailToConnectAsync(string condition, Func<ConnectionSettings, ConnectionSettings> change, Func<Func<Task>, Task>? around = null)
    {
        Task TryAsync() => Fail(async () => await new PostgresStorage().ConnectAsync(change(Server.Settings), CancellationToken.None));
        async Task Fail(Func<Task> connect) => Say(condition, await Assert.ThrowsAsync<LeoException>(connect));
        await (around is null ? TryAsync() : around(TryAsync));
    }

    private void Say(string condition, LeoException error) => _said.Add((condition, error.ErrorId, error.SqlState, error.Message));
}
