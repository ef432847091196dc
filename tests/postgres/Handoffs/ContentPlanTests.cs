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
        string plan = await ExplainAsync(new HandoffEditStatements(await SqlAsync(), rules).Update(items, Enum.Parse<LockMode>(mode)));
        Assert.Contains(PrimaryKey, plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on public.exec_handoff_preparations", plan, StringComparison.Ordinal);
        Assert.Equal(mode != "AsMet", plan.Contains("LockRows", StringComparison.Ordinal));
    }

    [PostgresTheory]
    [InlineData("AsMet")]
    [InlineData("InOrder")]
    [InlineData("SkipHeld")]
    public async Task A_removal_goes_by_the_primary_key(string mode)
    {
        BatchItem<HandoffRemoval>[] items = [.. (await ThousandAsync()).Select((r, i) => new BatchItem<HandoffRemoval>(i, new HandoffRemoval(r.Id, r.Guard, r), i % 2 == 0 ? r.Guard : null))];
        string plan = await ExplainAsync(new HandoffRemovalWork(await SqlAsync(), null, atOnce: true, "leops").Delete(items, Enum.Parse<LockMode>(mode)));
        Assert.Contains(PrimaryKey, plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on public.exec_handoff_preparations", plan, StringComparison.Ordinal);
        Assert.Equal(mode != "AsMet", plan.Contains("LockRows", StringComparison.Ordinal));
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Making_and_putting_back_read_the_table_by_its_key_at_the_most(bool restores)
    {
        HandoffDraft[] drafts = [.. (await ThousandAsync()).Select(r => HandoffLine.Parse(HandoffJson.Line(r)) with { Id = Guid.NewGuid() })];
        string plan = await ExplainAsync(new HandoffDraftStatements(await SqlAsync(), new DraftRules(restores, Force: false)).Insert(drafts));
        Assert.DoesNotContain("Seq Scan on public.exec_handoff_preparations", plan, StringComparison.Ordinal);
        Assert.Equal(restores, plan.Contains(PrimaryKey, StringComparison.Ordinal));
    }

    private async Task<List<HandoffPreparation>> ThousandAsync() =>
        await filled.Database.ReadAsync(new HandoffQuery { Filter = new HandoffFilter { Ids = [.. filled.Ids.Where((_, i) => i % 100 == 7)] } });

    private async Task<HandoffSql> SqlAsync()
    {
        var scope = new PooledScope(NpgsqlDataSource.Create(filled.Database.Server.ConnectionStringFor(filled.Database.Name)), filled.Database.Settings, HandoffDatabase.Context);
        return new HandoffSql(await RelationShape.LoadAsync(scope, HandoffColumns.Table, CancellationToken.None));
    }

    private async Task<string> ExplainAsync(Statement statement)
    {
        await using NpgsqlConnection connection = await filled.Database.ConnectAsync();
        await using var command = new NpgsqlCommand($"explain (verbose, costs off) {statement.Text}", connection);
        statement.Parameters.ForEach(p => command.Parameters.Add(p.Clone()));
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return string.Join('\n', lines);
    }
}
