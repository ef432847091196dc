using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Runs that are deleted, and the copies that stay of them; what removals of all tables share is tested with the handoffs.</summary>
public sealed class RemoveTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private IExecutionStore Content => Database.Database.Executions;

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Only_what_has_ended_goes_and_by_force_everything(bool exported)
    {
        var ids = new List<Guid>();
        foreach (string? status in new[] { "pending", "running", "completed", "failed", "cancelled", "timeout", null })
        {
            ids.AddRange(await Database.InsertAsync(1, status));
        }

        FlowExecution running = await Database.ReadAsync(ids[1]);
        FlowExecution failed = await Database.ReadAsync(ids[3]);
        var export = new FakeExport();
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await RemoveAsync(
            [Of(ids[0]), Of(running), Of(ids[2]), Of(failed), Of(ids[4]), Of(ids[5]), Of(ids[6]), Of(Guid.NewGuid())], export: exported ? export : null);
        Assert.Equal(
            [LeoErrorId.ExecutionStillRunning, LeoErrorId.ExecutionStillRunning, null, null, null, null, LeoErrorId.ExecutionStillRunning, LeoErrorId.NotFound],
            outcomes.Select(o => o.Error?.ErrorId));
        Assert.Contains("-Force removes it", outcomes[1].Error!.Message, StringComparison.Ordinal);
        Assert.Equal(ExecutionJson.Line(failed), ExecutionJson.Line(outcomes[3].Row!));
        Assert.Equal(exported ? [ids[2], ids[3], ids[4], ids[5]] : (Guid[])[], export.Kept.Select(r => r.Id).OrderBy(ids.IndexOf));
        AssertEach.Of(await RemoveAsync([Of(ids[0]), Of(running), Of(ids[6])], force: true), o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        Assert.Equal(0, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
    }

    [PostgresFact]
    public async Task A_run_that_begins_again_or_changes_between_the_search_and_the_deletion_stays()
    {
        List<Guid> ids = await Database.InsertAsync(3, "failed", ("completed_at", "now() - interval '10 days'"));
        IReadOnlyList<RowRemoval> found = await FindAsync(new ExecutionFilter { EndedLongerAgo = TimeSpan.FromDays(9) });
        Assert.Equal(ids, found.Select(f => f.Id));
        await Database.RunAsync($"update crewai_flow_executions set status = 'running' where id = '{ids[0]}'; update crewai_flow_executions set token_count = 1 where id = '{ids[1]}'");
        foreach (bool force in new[] { false, true })
        {
            Assert.Equal([LeoErrorId.EditConflict, LeoErrorId.EditConflict], (await RemoveAsync(found.Take(2), force)).Select(o => o.Error?.ErrorId));
        }

        Assert.Null(Assert.Single(await RemoveAsync([found[2]])).Error);
    }

    [PostgresFact]
    public async Task Age_counts_from_the_end_or_else_the_start_and_pages_leave_nothing_out()
    {
        List<Guid> old = await Database.InsertAsync(7, "completed", ("started_at", "now() - interval '100 days'"), ("completed_at", "now() - interval '31 days'"));
        old.AddRange(await Database.InsertAsync(2, "cancelled", ("started_at", "now() - interval '31 days'")));
        await Database.InsertAsync(2, "completed", ("started_at", "now() - interval '100 days'"), ("completed_at", "now() - interval '29 days'"));
        await Database.InsertAsync(1, "failed", ("started_at", "null"));
        await Database.InsertAsync(1, "failed", ("started_at", "now() - interval '31 days'"), ("completed_at", "'infinity'"));
        Guid pending = (await Database.InsertAsync(1, "pending", ("started_at", "now() - interval '40 days'")))[0];
        ExecutionFilter filter = RetentionRules.Filter(TimeSpan.FromDays(30), null, null, force: false);
        Assert.Equal(9, await Content.CountAsync(filter, ExecutionDatabase.Context, CancellationToken.None));
        var found = new List<RowRemoval>();
        for (Guid? after = null; ; after = found[^1].Id)
        {
            IReadOnlyList<RowRemoval> page = await FindAsync(filter, after, 4);
            found.AddRange(page);
            if (page.Count < 4)
            {
                break;
            }
        }

        Assert.Equal(old.Order(), found.Select(f => f.Id));
        IReadOnlyList<RowRemoval> forced = await FindAsync(RetentionRules.Filter(TimeSpan.FromDays(30), null, ["base-*"], force: true));
        Assert.Equal(old.Append(pending).Order(), forced.Select(f => f.Id));
        Assert.Empty(await FindAsync(RetentionRules.Filter(TimeSpan.FromDays(30), [ExecutionStatus.Failed], null, force: false)));
    }

    [PostgresFact]
    public async Task Atomically_all_are_gone_and_in_the_file_or_none()
    {
        List<Guid> ids = await Database.InsertAsync(40, "completed");
        Guid running = (await Database.InsertAsync(1))[0];
        var export = new FakeExport();
        BulkResult<FlowExecution> bad = await Content.RemoveAsync([.. ids.Select(Of), Of(running)], false, new BulkOptions(15, IsAtomic: true), export, ExecutionDatabase.Context, CancellationToken.None);
        Assert.False(bad.Committed);
        Assert.Equal(LeoErrorId.ExecutionStillRunning, Assert.Single(bad.Outcomes, o => o.Kind == OutcomeKind.Failed).Error!.ErrorId);
        Assert.Empty(export.Kept);
        Assert.Equal(41, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
        Assert.True((await Content.RemoveAsync([.. ids.Select(Of)], false, new BulkOptions(15, IsAtomic: true), export, ExecutionDatabase.Context, CancellationToken.None)).Committed);
        Assert.Equal(ids, export.Kept.Select(r => r.Id));
    }

    [PostgresFact]
    public async Task A_run_that_may_be_read_and_not_deleted_is_Forbidden()
    {
        var user = Guid.NewGuid();
        Guid id = (await Database.InsertAsync(1, "failed", ("executed_by", $"'{user}'")))[0];
        Guid theirs = (await Database.InsertAsync(1, "failed"))[0];
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated", user);
        Assert.Equal([LeoErrorId.Forbidden, LeoErrorId.NotFound], (await RemoveAsync([Of(id), Of(theirs)], store: member.Executions)).Select(o => o.Error?.ErrorId));
    }

    private static RowRemoval Of(FlowExecution row) => new(row.Id, row.Guard, row);

    private static RowRemoval Of(Guid id) => new(id, null, id);

    private Task<IReadOnlyList<RowRemoval>> FindAsync(ExecutionFilter filter, Guid? after = null, int count = 1000) =>
        Content.FindAsync(filter, after, count, ExecutionDatabase.Context, CancellationToken.None);

    private Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> RemoveAsync(
        IEnumerable<RowRemoval> removals, bool force = false, IRowExport<FlowExecution>? export = null, IExecutionStore? store = null) =>
        (store ?? Content).RemoveAsync([.. removals], force, Bulk.Each, export, ExecutionDatabase.Context, CancellationToken.None).OutcomesAsync();

    /// <summary>An export in memory.</summary>
    private sealed class FakeExport : IRowExport<FlowExecution>
    {
        private int _kept;
        private List<FlowExecution> _rows = [];

        public IEnumerable<FlowExecution> Kept => _rows;

        public void Write(IEnumerable<FlowExecution> rows) => _rows.AddRange(rows);

        public void Keep() => _kept = _rows.Count;

        public void TakeBack() => _rows = [.. _rows.Take(_kept)];
    }
}
