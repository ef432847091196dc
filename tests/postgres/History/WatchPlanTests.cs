using LeoPS.Executions;
using LeoPS.Handoffs;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Executions;
using LeoPS.Postgres.Handoffs;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Watching;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.History;

/// <summary>How the server goes about a watcher's statements where the history is long.</summary>
public sealed class WatchPlanTests(PostgresServer server) : HistoryTest(server)
{
    [PostgresFact]
    public async Task A_page_of_changes_never_reads_the_whole_history()
    {
        await Database.RunAsync("""
            insert into leops.handoff_history (row_id, sd_id, changed_at, to_status, changed_by, role, transaction_id)
            select gen_random_uuid(), 'SD-' || n % 100, now() - make_interval(secs => 50000 - n), 'sent', 'x', 'x', (3 + n / 100)::text::xid8 from generate_series(1, 50000) n;
            insert into leops.execution_history (row_id, flow_id, execution_key, changed_at, to_status, changed_by, role, transaction_id)
            select gen_random_uuid(), gen_random_uuid(), 'RUN-' || n, now() - make_interval(secs => 50000 - n), 'running', 'x', 'x', (3 + n / 100)::text::xid8 from generate_series(1, 50000) n;
            analyze leops.handoff_history, leops.execution_history;
            """);
        Guid[] some = [Guid.NewGuid()];
        var handoffs = new HandoffWatchStatements();
        var executions = new ExecutionWatchStatements();
        var begin = new HistoryPlace("480:500:481,490", (DateTimeOffset.UtcNow.AddMinutes(-1).UtcDateTime, "400"), 0);
        HistoryPlace[] places =
        [
            begin,
            begin.Behind("500:502:", 49_990, isLast: false),
            begin.Behind("500:502:", 49_990, isLast: true).Doubted(),
            new HistoryPlace("480:500:481,490", begin.Begun, 49_000),
        ];
        foreach (HistoryPlace place in places)
        {
            await AssertGoesByAnIndexAsync(handoffs, new HandoffWatch(), place);
            await AssertGoesByAnIndexAsync(handoffs, new HandoffWatch { SdIds = ["SD-1*", "SD-70"], Statuses = [HandoffStatus.Accepted] }, place);
            await AssertGoesByAnIndexAsync(executions, new ExecutionWatch(), place);
            await AssertGoesByAnIndexAsync(
                executions,
                new ExecutionWatch { Ids = some, FlowIds = some, FlowKeys = ["w*"], ExecutionKeys = ["R*"], Statuses = [ExecutionStatus.Failed], BoardMeetingIds = some },
                place);
        }
    }

    private async Task AssertGoesByAnIndexAsync<TRow, TWatch>(IWatchStatements<TRow, TWatch> statements, TWatch watch, HistoryPlace place)
        where TRow : class
    {
        await using ConnectionSource source = ConnectionSource.Over(NpgsqlDataSource.Create(Database.Server.ConnectionStringFor(Database.Name)));
        RelationShape shape = await RelationShape.LoadAsync(new PooledScope(source, Database.Settings, Context), statements.History.Table, CancellationToken.None);
        Statement statement = HistorySnapshotSql.Page(statements.For(shape), statements.History, s => statements.Conditions(watch, s), place, 500);
        await using NpgsqlConnection connection = await Database.ConnectAsync();
        List<PlanNode> plan = await PlanNode.OfAsync(connection, statement);
        string shown = $"{place}: {string.Join(", ", plan)}";
        Assert.False(plan.Exists(n => n.Scans(statements.History.Name)), shown);
        Assert.True(plan.Exists(n => n.Index?.StartsWith(statements.History.Name, StringComparison.Ordinal) == true), shown);
    }
}
