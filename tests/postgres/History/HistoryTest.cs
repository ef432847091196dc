using LeoPS.Executions;
using LeoPS.Handoffs;
using LeoPS.History;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.PostgresTests.History;

/// <summary>A test class each of whose tests gets a database of its own, with the history installed.</summary>
public abstract class HistoryTest(PostgresServer server) : HandoffDatabaseTest(server)
{
    private protected static CallContext Context => HandoffDatabase.Context;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Assert.Empty((await Database.Database.Schema.InstallWithHistoryAsync(Context, CancellationToken.None)).Warnings);
    }

    /// <summary>Inserts handoffs as anybody would: with triggers.</summary>
    private protected Task<List<Guid>> AddAsync(int count, string status = "ready") => Database.ColumnAsync<Guid>($"""
        with added as (
            insert into exec_handoff_preparations (session_id, sd_id, handoff_status, implementation_summary)
            select '{HandoffDatabase.SessionId}', '{HandoffDatabase.SdId}', '{status}', 'Summary ' || n from generate_series(1, {count}) n
            returning id
        )
        select id from added order by id
        """);

    /// <summary>Reads changes of handoffs, unreadable ones with their errors.</summary>
    private protected async Task<List<ReadItem<HandoffHistoryEntry>>> ReadItemsAsync(HandoffHistoryQuery? query = null, ILeoDatabase? database = null)
    {
        var items = new List<ReadItem<HandoffHistoryEntry>>();
        await foreach (var chunk in (database ?? Database.Database).HandoffHistory.ReadAsync(query ?? new HandoffHistoryQuery(), Context, CancellationToken.None))
        {
            items.AddRange(chunk);
        }

        return items;
    }

    /// <summary>Reads changes of handoffs; fails where one is unreadable.</summary>
    private protected async Task<List<HandoffHistoryEntry>> ReadAsync(HandoffHistoryQuery? query = null, ILeoDatabase? database = null) =>
        (await ReadItemsAsync(query, database)).ConvertAll(item =>
        {
            Assert.Null(item.Error);
            return item.Row;
        });

    /// <summary>Reads changes of executions.</summary>
    private protected async Task<List<FlowExecutionHistoryEntry>> ReadRunsAsync(ExecutionHistoryQuery? query = null, ILeoDatabase? database = null)
    {
        var entries = new List<FlowExecutionHistoryEntry>();
        await foreach (var chunk in (database ?? Database.Database).ExecutionHistory.ReadAsync(query ?? new ExecutionHistoryQuery(), Context, CancellationToken.None))
        {
            entries.AddRange(chunk.Select(item => item.Row));
        }

        return entries;
    }

    /// <summary>Begins to watch handoffs.</summary>
    /// <param name="taking">False to take nothing until it is told to.</param>
    private protected Task<WatchRun<HandoffPreparation>> WatchAsync(HandoffWatch? watch = null, ILeoDatabase? database = null, bool taking = true) =>
        WatchRun<HandoffPreparation>.StartAsync((database ?? Database.Database).HandoffFeed, watch ?? new HandoffWatch(), taking);

    /// <summary>Begins to watch executions.</summary>
    private protected Task<WatchRun<FlowExecution>> WatchRunsAsync(ExecutionWatch? watch = null, ILeoDatabase? database = null) =>
        WatchRun<FlowExecution>.StartAsync((database ?? Database.Database).ExecutionFeed, watch ?? new ExecutionWatch());

    /// <summary>"Ready → Sent", "→ Ready" for a new row, "Sent →" for a deleted one.</summary>
    private protected static string Move(HandoffHistoryEntry entry) => $"{entry.From} → {entry.To}".Trim();

    /// <summary>The code with which the server refuses statements.</summary>
    private protected static async Task<string> RefusedAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        PostgresException refusal = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
        return refusal.SqlState;
    }
}
