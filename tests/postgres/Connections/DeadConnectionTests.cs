using System.Collections.Concurrent;
using System.Diagnostics;
using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;

namespace LeoPS.PostgresTests.Connections;

/// <summary>Connections that died while they were idle in the pool: the next command runs on a new one, without an error, exactly once.</summary>
public sealed class DeadConnectionTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private const string Terminate = """
        select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity
        where datname = current_database() and application_name like 'LeoPS/%' and pid <> pg_backend_pid()
        """;

    /// <summary>The commands that are tried after each kind of death.</summary>
    public enum Command
    {
        /// <summary>Reads rows as a stream.</summary>
        Read,

        /// <summary>Reads rows in pages.</summary>
        ReadPages,

        /// <summary>Moves one row of a piped object.</summary>
        UpdateOne,

        /// <summary>Moves three batches at once.</summary>
        UpdateBulk,

        /// <summary>Moves rows in one transaction.</summary>
        UpdateAtomically,

        /// <summary>Starts a run.</summary>
        Start,

        /// <summary>Starts a run that this process owns.</summary>
        StartOwned,

        /// <summary>Claims a queued run.</summary>
        Claim,

        /// <summary>Tests the database.</summary>
        Test,

        /// <summary>A transaction that was begun before the connections died and has sent nothing yet.</summary>
        Transaction,
    }

    public static IEnumerable<object[]> Commands =>
        from command in Enum.GetValues<Command>()
        from connections in new[] { 1, 4 }
        select new object[] { command, connections };

    [PostgresTheory]
    [MemberData(nameof(Commands))]
    public async Task A_command_after_the_server_ended_all_sessions_runs_once_and_without_an_error(Command command, int connections)
    {
        await using Attempt attempt = await Attempt.PrepareAsync(Database, Database.Database, command, connections);
        Assert.InRange(await Database.ScalarAsync<long>(Terminate), connections, connections + 2);

        await attempt.RunAsync();
        await attempt.RunAsync();
    }

    [PostgresTheory]
    [InlineData(Command.Read)]
    [InlineData(Command.UpdateOne)]
    [InlineData(Command.UpdateBulk)]
    [InlineData(Command.Claim)]
    public async Task A_command_after_idle_session_timeout_runs_once_and_without_an_error(Command command)
    {
        await Database.RunAsync($"alter database \"{Database.Name}\" set idle_session_timeout = '300ms'");
        await using ILeoDatabase timed = await Database.OpenAsync(s => s);
        await using Attempt attempt = await Attempt.PrepareAsync(Database, timed, command, connections: 3);

        for (int i = 0; i < 3; i++)
        {
            await Task.Delay(600);
            await attempt.RunAsync();
        }
    }

    [PostgresTheory]
    [InlineData(Command.Read)]
    [InlineData(Command.UpdateOne)]
    [InlineData(Command.UpdateBulk)]
    [InlineData(Command.Claim)]
    public async Task A_command_after_the_network_closed_all_connections_runs_once_and_without_an_error(Command command)
    {
        await using var proxy = new TcpProxy(Database.Settings);
        await using ILeoDatabase through = await Database.OpenAsync(proxy);
        await using Attempt attempt = await Attempt.PrepareAsync(Database, through, command, connections: 3);
        proxy.Break();
        await Task.Delay(100);

        await attempt.RunAsync();
    }

    [PostgresFact]
    public async Task A_session_that_ends_while_the_command_is_on_its_way_to_it_gets_it_again_once()
    {
        await using var proxy = new TcpProxy(Database.Settings);
        await using ILeoDatabase through = await Database.OpenAsync(proxy);
        await using Attempt attempt = await Attempt.PrepareAsync(Database, through, Command.UpdateOne, connections: 1);
        proxy.Freeze();
        await Database.ScalarAsync<long>(Terminate);
        var log = new ConcurrentQueue<string>();
        Task run = attempt.RunAsync(ExecutionDatabase.Context with { Log = log.Enqueue });
        await Task.Delay(200);
        Assert.False(run.IsCompleted);
        proxy.Thaw();

        await run;
        Assert.Contains(log, line => line.Contains("sending it again", StringComparison.Ordinal));
    }

    [PostgresFact(slow: true)]
    public async Task A_network_that_vanished_without_a_sign_during_a_long_idle_costs_a_few_seconds_and_no_error()
    {
        await using var proxy = new TcpProxy(Database.Settings);
        await using ILeoDatabase through = await Database.OpenAsync(proxy);
        await using Attempt attempt = await Attempt.PrepareAsync(Database, through, Command.UpdateBulk, connections: 3);
        proxy.Freeze();
        await Task.Delay(TimeSpan.FromSeconds(16));
        long start = Stopwatch.GetTimestamp();

        await attempt.RunAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(12));
    }

    [PostgresFact]
    public async Task A_server_that_was_restarted_between_commands_gets_all_of_them()
    {
        var own = new PostgresServer();
        await own.InitializeAsync();
        try
        {
            await using ExecutionDatabase database = await ExecutionDatabase.CreateAsync(own);
            foreach (Command command in new[] { Command.Read, Command.UpdateOne, Command.UpdateBulk, Command.Claim, Command.Transaction })
            {
                await using Attempt attempt = await Attempt.PrepareAsync(database, database.Database, command, connections: 3);
                await own.RestartAsync();
                await attempt.RunAsync();
            }
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    [PostgresFact]
    public async Task What_was_terminated_once_costs_one_verbose_line_and_no_row_twice()
    {
        var log = new ConcurrentQueue<string>();
        CallContext context = ExecutionDatabase.Context with { Log = log.Enqueue };
        await using Attempt attempt = await Attempt.PrepareAsync(Database, Database.Database, Command.UpdateOne, connections: 1);
        await Database.ScalarAsync<long>(Terminate);
        await attempt.RunAsync(context);
        Assert.Single(log, line => line.Contains("new connection", StringComparison.Ordinal));
        log.Clear();
        await attempt.RunAsync(context);
        Assert.DoesNotContain(log, line => line.Contains("new connection", StringComparison.Ordinal));
    }

    /// <summary>A command, with what it needs, and what must have come of it.</summary>
    private sealed class Attempt(ExecutionDatabase database, ILeoDatabase used, Command command) : IAsyncDisposable
    {
        private const int Rows = 30;
        private readonly List<ILeoTransaction> _transactions = [];
        private Queue<FlowExecution[]> _rows = new();
        private ILeoTransaction? _begun;
        private long _started;

        public static async Task<Attempt> PrepareAsync(ExecutionDatabase database, ILeoDatabase used, Command command, int connections)
        {
            var attempt = new Attempt(database, used, command);
            await database.InsertAsync(5 * Rows);
            await database.InsertAsync(10, "pending");
            FlowExecution[] running = [.. await database.ReadAsync(new ExecutionQuery { Filter = new ExecutionFilter { Statuses = [ExecutionStatus.Running] } })];
            attempt._rows = new Queue<FlowExecution[]>(running.Chunk(Rows));
            attempt._started = await attempt.CountAsync("running");

            // So many connections idle in the pool, and the session of the owner's locks is there.
            IAsyncEnumerator<IReadOnlyList<ReadItem<FlowExecution>>>[] open =
                [.. Enumerable.Range(0, connections).Select(_ => used.Executions.ReadAsync(new ExecutionQuery(), ExecutionDatabase.Context, CancellationToken.None).GetAsyncEnumerator())];
            await Task.WhenAll(open.Select(o => o.MoveNextAsync().AsTask()));
            await Task.WhenAll(open.Select(o => o.DisposeAsync().AsTask()));
            if (command is Command.Claim or Command.StartOwned)
            {
                OwnedStart first = await used.Executions.StartOwnedAsync(ExecutionDatabase.Starting(), ExecutionDatabase.Run(), ExecutionDatabase.Context, CancellationToken.None);
                attempt._started++;
                first.Run!.Release();
            }

            if (command == Command.Transaction)
            {
                attempt._begun = await used.BeginAsync(CancellationToken.None);
                attempt._transactions.Add(attempt._begun);
            }

            return attempt;
        }

        public async Task RunAsync(CallContext? context = null)
        {
            context ??= ExecutionDatabase.Context;
            IExecutionStore store = used.Executions;
            switch (command)
            {
                case Command.Read:
                    Assert.NotEmpty(await database.ReadAsync(new ExecutionQuery(), used));
                    break;
                case Command.ReadPages:
                    Assert.NotEmpty(await database.ReadAsync(new ExecutionQuery { PageSize = 7 }, used));
                    break;
                case Command.UpdateOne:
                    await CompleteAsync(store, context, 1);
                    break;
                case Command.UpdateBulk:
                    await CompleteAsync(store, context, Rows);
                    break;
                case Command.UpdateAtomically:
                    FlowExecution[] rows = _rows.Dequeue();
                    BulkResult<FlowExecution> result = await store.ChangeAsync(
                        Complete, [.. rows.Select(r => ExecutionDatabase.Of(r))], new BulkOptions(7, IsAtomic: true), context, CancellationToken.None);
                    Assert.True(result.Committed);
                    await AssertCompletedAsync(rows);
                    break;
                case Command.Start:
                    Assert.Equal(OutcomeKind.Changed, (await store.StartAsync(ExecutionDatabase.Starting(), [ExecutionDatabase.Run()], Bulk.Each, context, CancellationToken.None).OutcomesAsync())[0].Kind);
                    Assert.Equal(++_started, await CountAsync("running"));
                    break;
                case Command.StartOwned:
                    OwnedStart start = await store.StartOwnedAsync(ExecutionDatabase.Starting(), ExecutionDatabase.Run(), context, CancellationToken.None);
                    Assert.Equal((OutcomeKind.Changed, null), (start.Outcome.Kind, start.Outcome.Error?.Message));
                    start.Run!.Release();
                    Assert.Equal(++_started, await CountAsync("running"));
                    break;
                case Command.Claim:
                    var claim = new RunClaim(ExecutionDatabase.Starting(), 1, null, RunValues.None);
                    ChangeOutcome<FlowExecution> claimed = Assert.Single(await store.ClaimAllAsync(claim, context, CancellationToken.None));
                    Assert.Equal((OutcomeKind.Changed, null), (claimed.Kind, claimed.Error?.Message));
                    store.FindOwned(claimed.Row!.Id)!.Release();
                    Assert.Equal(++_started, await CountAsync("running"));
                    break;
                case Command.Test:
                    Assert.Empty((await used.TestAsync(context, CancellationToken.None)).Missing);
                    break;
                case Command.Transaction:
                    ILeoTransaction transaction = _begun ?? await used.BeginAsync(CancellationToken.None);
                    _begun = null;
                    _transactions.Add(transaction);
                    await CompleteAsync(transaction.Database.Executions, context, 1, check: false);
                    await transaction.CommitAsync();
                    break;
                default:
                    throw new UnreachableException();
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (ILeoTransaction transaction in _transactions)
            {
                await transaction.DisposeAsync();
            }
        }

        /// <summary>Completes rows in three calls at the same time, as the pipeline does.</summary>
        private async Task CompleteAsync(IExecutionStore store, CallContext context, int count, bool check = true)
        {
            FlowExecution[] rows = _rows.Dequeue()[..count];
            IReadOnlyList<ChangeOutcome<FlowExecution>>[] outcomes = await Task.WhenAll(rows.Chunk((count + 2) / 3).Select(part =>
                store.ChangeAsync(Complete, [.. part.Select(r => ExecutionDatabase.Of(r))], Bulk.Each, context, CancellationToken.None).OutcomesAsync()));
            AssertEach.Of(outcomes.SelectMany(o => o), o => Assert.Equal((OutcomeKind.Changed, null), (o.Kind, o.Error?.Message)));
            if (check)
            {
                await AssertCompletedAsync(rows);
            }
        }

        private async Task AssertCompletedAsync(FlowExecution[] rows) => Assert.Equal(rows.Length, await database.ScalarAsync<long>(
            $"select count(*) from crewai_flow_executions where status = 'completed' and id = any('{{{string.Join(',', rows.Select(r => r.Id))}}}')"));

        private Task<long> CountAsync(string status) => database.ScalarAsync<long>($"select count(*) from crewai_flow_executions where status = '{status}'");
    }
}
