using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Handoffs;
using LeoPS.Postgres.Statements;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>How the server goes about our statements on a table of 100,000 rows.</summary>
[Collection(PostgresServerGroup.Name)]
[Trait("Category", "Core")]
public sealed class PlanTests(HandoffDatabaseOf100000 filled) : IClassFixture<HandoffDatabaseOf100000>
{
    private const string Table = HandoffColumns.Table;
    private const string PrimaryKey = "exec_handoff_preparations_pkey";
    private const string StatusIndex = "idx_exec_handoff_preparations_status";

    [PostgresTheory]
    [InlineData("AsMet", true)]
    [InlineData("AsMet", false)]
    [InlineData("InOrder", true)]
    [InlineData("InOrder", false)]
    [InlineData("SkipHeld", false)]
    public async Task A_batch_of_a_thousand_goes_by_the_primary_key(string mode, bool narrow)
    {
        List<HandoffPreparation> rows = await ThousandAsync();
        foreach (bool bare in new[] { false, true })
        {
            BatchItem<StatusChange<HandoffPreparation>>[] changes = [.. rows.Select((r, i) =>
                new BatchItem<StatusChange<HandoffPreparation>>(i, bare ? HandoffDatabase.Of(r.Id) : HandoffDatabase.Of(r), bare ? null : r.Guard))];
            Statement statement = new HandoffChangeStatements(await SqlAsync(), HandoffDatabase.MoveTo(HandoffStatus.Sent, reason: "why"))
                .Update(changes, Enum.Parse<LockMode>(mode), narrow);
            List<PlanNode> plan = await ExplainAsync(statement);
            Assert.Contains(plan, n => n.Index == PrimaryKey);
            Assert.DoesNotContain(plan, n => n.Scans(Table));
        }
    }

    [PostgresTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_of_one_row_goes_by_the_primary_key_by_a_plan_that_is_kept(bool narrow)
    {
        HandoffPreparation row = (await ThousandAsync())[0];
        Statement statement = new HandoffChangeStatements(await SqlAsync(), HandoffDatabase.MoveTo(HandoffStatus.Sent, reason: "why"))
            .Update([new BatchItem<StatusChange<HandoffPreparation>>(0, HandoffDatabase.Of(row), row.Guard)], LockMode.AsMet, narrow);
        Assert.True(statement.IsRepeated);
        await using NpgsqlConnection connection = await filled.Database.ConnectAsync();
        List<PlanNode> plan = await PlanNode.OfKeptAsync(connection, statement);
        Assert.Contains(plan, n => n.Index == PrimaryKey);
        Assert.DoesNotContain(plan, n => n.Scans(Table));
    }

    [PostgresFact]
    public async Task The_second_look_goes_by_the_primary_key()
    {
        var statement = new Statement();
        Guid[] ids = [.. (await ThousandAsync()).Select(r => r.Id)];
        statement.Text = (await SqlAsync()).LookUp(statement.Add(ids, NpgsqlDbType.Array | NpgsqlDbType.Uuid));
        List<PlanNode> plan = await ExplainAsync(statement);
        Assert.Contains(plan, n => n.Index == PrimaryKey);
        Assert.DoesNotContain(plan, n => n.Scans(Table));
    }

    [PostgresTheory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_page_by_id_is_read_off_the_primary_key_without_a_sort(bool descending, bool first)
    {
        var query = new HandoffQuery { Descending = descending, PageSize = 1000 };
        ResumePoint? place = first ? null : ResumePoint.After(filled.Ids[50_000]);
        Statement statement = new HandoffReadStatements(await SqlAsync()).Select(query, place, 1000, 0);
        List<PlanNode> plan = await ExplainAsync(statement);
        Assert.Contains(plan, n => n.Index == PrimaryKey);
        Assert.DoesNotContain(plan, n => n.Type is "Sort" or "Incremental Sort" || n.Scans(Table));
    }

    [PostgresFact]
    public async Task Some_ids_are_read_by_the_primary_key()
    {
        var query = new HandoffQuery { Filter = new HandoffFilter { Ids = [.. filled.Ids.Take(50)] } };
        Statement statement = new HandoffReadStatements(await SqlAsync()).Select(query, null, long.MaxValue, 0);
        List<PlanNode> plan = await ExplainAsync(statement);
        Assert.Contains(plan, n => n.Index == PrimaryKey);
        Assert.DoesNotContain(plan, n => n.Scans(Table));
    }

    [PostgresTheory]
    [InlineData(HandoffStatus.Rejected, true)]
    [InlineData(HandoffStatus.Ready, false)]
    public async Task A_selection_uses_the_index_of_the_status_where_few_have_it_and_scans_where_all_do(HandoffStatus status, bool indexed)
    {
        HandoffStatus target = status == HandoffStatus.Ready ? HandoffStatus.Sent : HandoffStatus.Preparing;
        var run = new SelectionChange(await SqlAsync(), Scope(), "leops", _ => throw new NotSupportedException());
        List<PlanNode> plan = await ExplainAsync(run.Update(HandoffDatabase.MoveTo(target), new HandoffFilter { Statuses = [status] }, LockMode.InOrder, returnRows: true));
        Assert.Equal(indexed, plan.Exists(n => n.Index == StatusIndex));
        // The locks are taken in id order.
        Assert.Contains(plan, n => n.Type == "LockRows");
        Assert.True(plan.Exists(n => n.Type == "Sort") || plan.Exists(n => n.Index == PrimaryKey));
    }

    [PostgresFact]
    public async Task Figures_come_of_one_pass_over_the_table_and_one_more_where_a_filter_has_to_find_the_SDs()
    {
        var recent = new HandoffFilter { After = DateTimeOffset.UtcNow.AddHours(-1) };
        foreach (HandoffGroup[] groupBy in new HandoffGroup[][] { [], [HandoffGroup.Status, HandoffGroup.Week], Enum.GetValues<HandoffGroup>() })
        {
            foreach ((HandoffFilter filter, int passes) in new[] { (new HandoffFilter(), 1), (new HandoffFilter { SdIds = ["SD-*"] }, 1), (recent, 2) })
            {
                List<PlanNode> plan = await ExplainAsync(HandoffMeasureSql.Measure(filter, groupBy, MeasureBasis.Rows));
                Assert.Equal(passes, plan.Count(n => n.Relation == Table));
                // Nothing is looked up once more per handoff, and the rows of a life are put in order once.
                Assert.DoesNotContain(plan, n => n.Relation == Table && n.Index is not null);
                Assert.Single(plan, n => n.Type == "WindowAgg");
            }
        }
    }

    private async Task<List<HandoffPreparation>> ThousandAsync() =>
        await filled.Database.ReadAsync(new HandoffQuery { Filter = new HandoffFilter { Ids = [.. filled.Ids.Where((_, i) => i % 100 == 7)] } });

    private PooledScope Scope() => new(ConnectionSource.Over(NpgsqlDataSource.Create(filled.Database.Server.ConnectionStringFor(filled.Database.Name))), filled.Database.Settings, HandoffDatabase.Context);

    private async Task<HandoffSql> SqlAsync() => new(await RelationShape.LoadAsync(Scope(), Table, CancellationToken.None));

    private async Task<List<PlanNode>> ExplainAsync(Statement statement)
    {
        await using NpgsqlConnection connection = await filled.Database.ConnectAsync();
        return await PlanNode.OfAsync(connection, statement);
    }
}
