using LeoPS.Handoffs;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.History;

/// <summary>A watcher beside four writers, on a server of its own, which is restarted under them: it misses none of what is in the history and repeats none.</summary>
public sealed class WatchLoadTests(PostgresServer server, Xunit.Abstractions.ITestOutputHelper output) : IClassFixture<PostgresServer>
{
    private const int Writers = 4;

    [PostgresFact]
    public Task A_watcher_beside_four_writers_misses_none_and_repeats_none_across_a_restart() => RunAsync(1_000, 1, TimeSpan.FromMinutes(2));

    [PostgresFact(slow: true)]
    public Task A_watcher_beside_four_writers_of_twenty_thousand_changes_misses_none_and_repeats_none() => RunAsync(20_000, 0, TimeSpan.FromMinutes(10));

    [PostgresFact(slow: true)]
    public Task Neither_does_it_across_restarts_of_the_server() => RunAsync(20_000, 5, TimeSpan.FromMinutes(10));

    /// <param name="changes">What each writer at least commits.</param>
    /// <param name="restarts">How often the server is restarted meanwhile.</param>
    /// <param name="patience">How long all of it may take.</param>
    private async Task RunAsync(int changes, int restarts, TimeSpan patience)
    {
        await using HandoffDatabase database = await HandoffDatabase.CreateAsync(server);
        await database.Database.Schema.InstallWithHistoryAsync(HandoffDatabase.Context, CancellationToken.None);
        List<Guid> ids = await database.InsertAsync(400);
        using var timer = new CancellationTokenSource(patience);
        await using WatchRun<HandoffPreparation> run = await WatchRun<HandoffPreparation>.StartAsync(database.Database.HandoffFeed, new HandoffWatch());
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        long[] done = new long[Writers];
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(w => Task.Run(() => WriteAsync(database, ids, w, changes, done, timer.Token)))];
        for (int i = 1; i <= restarts; i++)
        {
            while (done.Sum(d => Interlocked.Read(ref d)) < (long)changes * Writers * i / (restarts + 1) && !Task.WhenAll(writers).IsCompleted)
            {
                await Task.Delay(20, timer.Token);
            }

            await server.RestartAsync();
        }

        await Task.WhenAll(writers);
        TimeSpan wrote = System.Diagnostics.Stopwatch.GetElapsedTime(start);

        // What is in the history is what happened, whatever a writer was told when its connection broke.
        List<string> happened = await database.ColumnAsync<string>("select row_id || ' ' || to_status from leops.handoff_history order by id");
        await run.WaitAsync(happened.Count, patience);
        List<string> seen = [.. run.Rows.Select(r => $"{r.Id} {r.Status.ToString().ToLowerInvariant()}")];
        output.WriteLine($"{happened.Count} changes in {wrote.TotalSeconds:0.0} s, {restarts} restarts; all seen {System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s after the beginning");
        Assert.True(happened.Count >= changes * Writers, $"{happened.Count} changes happened.");
        Assert.Equal(happened.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));

        // And the changes of a row in their order.
        ILookup<string, string> order = happened.ToLookup(c => c[..36], c => c[37..]);
        AssertEach.Of(seen.GroupBy(c => c[..36]), row => Assert.Equal(order[row.Key], row.Select(c => c[37..])));
        Assert.Equal(restarts > 0, run.Log.Any(l => l.Contains("connected again", StringComparison.Ordinal)));
    }

    /// <summary>Commits changes in transactions of all sizes, some of them long, some rolled back; a connection that breaks is made again.</summary>
    private static async Task WriteAsync(HandoffDatabase database, List<Guid> ids, int writer, int changes, long[] done, CancellationToken cancellationToken)
    {
        var random = new Random(writer);
        while (Interlocked.Read(ref done[writer]) < changes)
        {
            try
            {
                await using NpgsqlConnection connection = await database.ConnectAsync();
                while (Interlocked.Read(ref done[writer]) < changes)
                {
                    await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
                    int moved = 0;
                    int statements = random.Next(1, 4);
                    for (int i = 0; i < statements; i++)
                    {
                        // All fight for the same rows; in one order, within a statement and from one to the next, or they would deadlock.
                        Guid[] some = [.. ids.Skip(ids.Count * i / statements).Take(ids.Count / statements).Where(_ => random.Next(100) < 5)];
                        await using var command = new NpgsqlCommand(
                            $"""
                            update exec_handoff_preparations h set handoff_status = case handoff_status when 'ready' then 'sent' else 'ready' end
                            from (select id from exec_handoff_preparations where id = any($1) order by id for update) l where l.id = h.id
                            """,
                            connection,
                            transaction);
                        command.Parameters.AddWithValue(some);
                        moved += await command.ExecuteNonQueryAsync(cancellationToken);
                        await Task.Delay(random.Next(3), cancellationToken);
                    }

                    if (random.Next(10) == 0)
                    {
                        await transaction.RollbackAsync(cancellationToken);
                        continue;
                    }

                    await transaction.CommitAsync(cancellationToken);
                    Interlocked.Add(ref done[writer], moved);
                }
            }
            catch (Exception e) when (e is NpgsqlException or IOException or System.Net.Sockets.SocketException)
            {
                // A restart; what was committed is in the history.
                await Task.Delay(50, cancellationToken);
            }
        }
    }
}
