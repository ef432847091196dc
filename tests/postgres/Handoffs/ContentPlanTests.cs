using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Handoffs;
using LeoPS.Postgres.Statements;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>How the server goes about the statements that make, edit and delete a thousand handoffs, on a table of 100,000.</summary>
[Collection(PostgresServerGroup.Name)]
[Trait("Category", "Core")]
public sealed class ContentPlanTests(HandoffDatabaseOf100000 filled) : IClassFixture<HandoffDatabaseOf100000>
{
    private const string PrimaryKey = "exec_handoff_preparations_pkey";

    [PostgresTheory]
    [InlineData("AsMet")]
    [InlineData("InOrder")]
    [InlineData("SkipHeld")]
    public async Task An_edit_goes_by_the_primary_key(string mode)
    {
        List<HandoffPreparation> rows = await ThousandAsync();
        var rules = new EditRules(Merge: true, Append: true);
        BatchItem<HandoffEdit>[] items = [.. rows.Select((r, i) =>
        {
            var values = new HandoffValues();
            values[ContentColumn.QualityMetrics] = $$"""{"n": {{i}}}""";
            values[ContentColumn.All[i % 12]] ??= ContentColumn.All[i % 12].Kind == ContentKind.TextArray ? new[] { "x" } : "{}";
            return new BatchItem<HandoffEdit>(i, new HandoffEdit(r.Id, r.Guard, r, values), i % 2 == 0 ? r.Guard : null);
        })];
        List<PlanNode> plan = await ExplainAsync(new HandoffEditStatements(await SqlAsync(), rules).Update(items, Enum.Parse<LockMode>(mode)));
        Assert.Contains(plan, n => n.Index == PrimaryKey);
        Assert.DoesNotContain(plan, n => n.Scans(HandoffColumns.Table));
        Assert.Equal(mode != "AsMet", plan.Exists(n => n.Type == "LockRows"));
    }

    [PostgresTheory]
    [InlineData("AsMet")]
    [InlineData("InOrder")]
    [InlineData("SkipHeld")]
    public async Task A_removal_goes_by_the_primary_key(string mode)
    {
        BatchItem<RowRemoval>[] items = [.. (await ThousandAsync()).Select((r, i) => new BatchItem<RowRemoval>(i, new RowRemoval(r.Id, r.Guard, r), i % 2 == 0 ? r.Guard : null))];
        List<PlanNode> plan = await ExplainAsync(new HandoffRemovalStatements(await SqlAsync()).Delete(items, Enum.Parse<LockMode>(mode)));
        Assert.Contains(plan, n => n.Index == PrimaryKey);
        Assert.DoesNotContain(plan, n => n.Scans(HandoffColumns.Table));
        Assert.Equal(mode != "AsMet", plan.Exists(n => n.Type == "LockRows"));
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Making_and_putting_back_read_the_table_by_its_key_at_the_most(bool restores)
    {
        HandoffDraft[] drafts = [.. (await ThousandAsync()).Select(r => HandoffLine.Parse(HandoffJson.Line(r)) with { Id = Guid.NewGuid() })];
        List<PlanNode> plan = await ExplainAsync(new HandoffDraftStatements(await SqlAsync(), new DraftRules(restores, Force: false)).Insert(drafts));
        Assert.DoesNotContain(plan, n => n.Scans(HandoffColumns.Table));
        Assert.Equal(restores, plan.Exists(n => n.Index == PrimaryKey));
    }

    private async Task<List<HandoffPreparation>> ThousandAsync() =>
        await filled.Database.ReadAsync(new HandoffQuery { Filter = new HandoffFilter { Ids = [.. filled.Ids.Where((_, i) => i % 100 == 7)] } });

    private async Task<HandoffSql> SqlAsync()
    {
        var scope = new PooledScope(ConnectionSource.Over(NpgsqlDataSource.Create(filled.Database.Server.ConnectionStringFor(filled.Database.Name))), filled.Database.Settings, HandoffDatabase.Context);
        return new HandoffSql(await RelationShape.LoadAsync(scope, HandoffColumns.Table, CancellationToken.None));
    }

    private async Task<List<PlanNode>> ExplainAsync(Statement statement)
    {
        await using NpgsqlConnection connection = await filled.Database.ConnectAsync();
        return await PlanNode.OfAsync(connection, statement);
    }
}
