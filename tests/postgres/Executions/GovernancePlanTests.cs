using LeoPS.Executions;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Executions;
using LeoPS.Postgres.Statements;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Executions;

/// <summary>How the server goes about statements over governed runs.</summary>
public sealed class GovernancePlanTests(PostgresServer server) : GovernanceDatabaseTest(server)
{
    [PostgresFact]
    public async Task Runs_of_a_venture_go_by_its_index_and_an_edit_under_a_budget_by_the_primary_key()
    {
        await GovernAsync();
        await Database.InsertAsync(20_000, "running", ("venture_id", "md5((n % 500)::text)::uuid"), ("budget_limit", "n"), ("token_count", "n"));
        await Database.RunAsync("vacuum analyze crewai_flow_executions");
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(Database.Server.ConnectionStringFor(Database.Name));
        var sql = new ExecutionSql(await RelationShape.LoadAsync(
            new PooledScope(ConnectionSource.Over(source), Database.Settings, ExecutionDatabase.Context), ExecutionColumns.Table, CancellationToken.None));
        FlowExecution row = (await Database.ReadAsync(new ExecutionQuery { Filter = new ExecutionFilter { BudgetLimits = [7] } }))[0];
        var filter = new ExecutionFilter { VentureIds = [row.VentureId!.Value] };
        await using NpgsqlConnection connection = await Database.ConnectAsync();
        async Task AssertGoesByAsync(Statement statement, string index)
        {
            List<PlanNode> plan = await PlanNode.OfAsync(connection, statement);
            string shown = string.Join(", ", plan);
            Assert.True(plan.Exists(n => n.Index == index), shown);
            Assert.False(plan.Exists(n => n.Scans(ExecutionColumns.Table)), shown);
        }

        await AssertGoesByAsync(new ExecutionReadStatements(sql).Select(new ExecutionQuery { Filter = filter }, null, long.MaxValue, 0), "executions_governance");
        await AssertGoesByAsync(ExecutionMeasureSql.Measure(new MeasureRequest(filter, [], null, null), [.. sql.LiveColumns]), "executions_governance");
        BatchItem<ExecutionEdit>[] items =
        [
            .. (await Database.ReadAsync(new ExecutionQuery { Filter = new ExecutionFilter { BudgetLimits = [.. Enumerable.Range(1, 200)] } }))
                .Select((r, i) => new BatchItem<ExecutionEdit>(i, new ExecutionEdit(r.Id, r.Guard, r, new RunUpdate { AddBudget = 100 }), r.Guard)),
        ];
        Assert.True(sql.HasBudget);
        await AssertGoesByAsync(new ExecutionEditStatements(sql, force: false).Update(items, LockMode.AsMet), "crewai_flow_executions_pkey");
        await AssertGoesByAsync(new ExecutionEditStatements(sql, force: false).Update(items, LockMode.InOrder), "crewai_flow_executions_pkey");
    }
}
