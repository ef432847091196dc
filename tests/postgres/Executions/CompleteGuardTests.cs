using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Runs that changed since they were read, and runs that are completed twice.</summary>
[Trait("Category", "Core")]
public sealed class CompleteGuardTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private static readonly RunValues Result = new() { OutputState = "1" };

    [PostgresTheory]
    [InlineData("update crewai_flow_executions set status = 'failed'")]
    [InlineData("update crewai_flow_executions set token_count = 5")]
    [InlineData("update crewai_flow_executions set status = 'pending'; update crewai_flow_executions set status = 'running'")]
    [InlineData("update crewai_flow_executions set status = 'completed'")]
    public async Task An_object_whose_row_changed_is_a_conflict_and_is_left_alone(string meanwhile)
    {
        await Database.InsertAsync(1);
        FlowExecution read = Assert.Single(await Database.ReadAsync());
        await Database.RunAsync(meanwhile);
        string now = await Database.FingerprintAsync();
        foreach (bool force in new[] { false, true })
        {
            foreach (RunValues values in new[] { RunValues.None, Result })
            {
                ChangeOutcome<FlowExecution> failed = SingleFailure(
                    await ChangeAsync(ExecutionDatabase.MoveTo(ExecutionStatus.Completed, force), [ExecutionDatabase.Of(read, values)]), LeoErrorId.StatusConflict);
                Assert.Same(read, failed.Source);
                AssertEach.Of([read.Id.ToString(), read.ExecutionKey, "running"], part => Assert.Contains(part, failed.Error!.Message, StringComparison.Ordinal));
            }
        }

        Assert.Equal(now, await Database.FingerprintAsync());
    }

    [PostgresFact]
    public async Task The_others_of_the_batch_are_done()
    {
        List<Guid> ids = await Database.InsertAsync(1000);
        List<FlowExecution> rows = await Database.ReadAsync();
        await Database.RunAsync($"update crewai_flow_executions set token_count = 5 where id = '{ids[500]}'");
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(Complete, rows.Select(r => ExecutionDatabase.Of(r, Result)));
        Assert.Same(rows[500], SingleFailure(outcomes, LeoErrorId.StatusConflict).Source);
        await AssertAsInTableAsync(outcomes.Where(o => o.Row is not null));
        Assert.Equal(999, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where status = 'completed'"));
    }

    [PostgresFact]
    public async Task Completing_twice_is_no_error_by_id_alone_and_one_with_values_or_a_stale_object()
    {
        await Database.InsertAsync(1);
        FlowExecution read = Assert.Single(await Database.ReadAsync());
        FlowExecution done = Assert.Single(await ChangeAsync(Complete, [ExecutionDatabase.Of(read, Result)])).Row!;
        string before = await Database.FingerprintAsync();
        (ExecutionChange Change, OutcomeKind Kind, LeoErrorId? ErrorId)[] cases =
        [
            (ExecutionDatabase.Of(read.Id), OutcomeKind.Unchanged, null),
            (ExecutionDatabase.Of(done), OutcomeKind.Unchanged, null),
            (ExecutionDatabase.Of(read.Id, Result), OutcomeKind.Failed, LeoErrorId.InvalidTransition),
            (ExecutionDatabase.Of(done, Result), OutcomeKind.Failed, LeoErrorId.InvalidTransition),
            (ExecutionDatabase.Of(read), OutcomeKind.Failed, LeoErrorId.StatusConflict),
            (ExecutionDatabase.Of(read, Result), OutcomeKind.Failed, LeoErrorId.StatusConflict),
        ];
        foreach ((ExecutionChange change, OutcomeKind kind, LeoErrorId? errorId) in cases)
        {
            ChangeOutcome<FlowExecution> outcome = Assert.Single(await ChangeAsync(Complete, [change]));
            Assert.Equal((kind, errorId), (outcome.Kind, outcome.Error?.ErrorId));
            Assert.Equal(kind == OutcomeKind.Unchanged ? ExecutionJson.Line(done) : null, outcome.Row is null ? null : ExecutionJson.Line(outcome.Row));
            if (errorId == LeoErrorId.InvalidTransition)
            {
                Assert.Contains("is Completed already, and the values given for it were not written", outcome.Error!.Message, StringComparison.Ordinal);
            }
        }

        Assert.Equal(before, await Database.FingerprintAsync());
    }

    [PostgresFact]
    public async Task What_is_over_stays_so_unless_forced()
    {
        Guid id = (await Database.InsertAsync(1, "failed", ("completed_at", "'2020-01-01Z'"), ("error_message", "'kept'")))[0];
        LeoException error = SingleFailure(await ChangeAsync(Complete, [ExecutionDatabase.Of(id, Result)]), LeoErrorId.InvalidTransition).Error!;
        AssertEach.Of(["Failed", "terminal", "-Force"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        LeoException early = SingleFailure(await ChangeAsync(Complete, [ExecutionDatabase.Of((await Database.InsertAsync(1, "pending"))[0])]), LeoErrorId.InvalidTransition).Error!;
        Assert.Contains("Running or Cancelled", early.Message, StringComparison.Ordinal);
        FlowExecution forced = Assert.Single(await ChangeAsync(ExecutionDatabase.MoveTo(ExecutionStatus.Completed, force: true), [ExecutionDatabase.Of(id, Result)])).Row!;
        Assert.Equal((ExecutionStatus.Completed, "1", "kept"), (forced.Status, forced.RawOutputState, forced.ErrorMessage));
        Assert.InRange(DateTimeOffset.UtcNow - forced.CompletedAt!.Value, TimeSpan.FromSeconds(-5), TimeSpan.FromSeconds(30));
    }

    [PostgresFact]
    public async Task What_came_out_of_a_start_goes_on_to_its_end_and_is_new_no_more()
    {
        List<Guid> pending = await Database.InsertAsync(2, "pending");
        IReadOnlyList<ChangeOutcome<FlowExecution>> started = await StartAsync([ExecutionDatabase.Run(), ExecutionDatabase.Of(pending[0]), ExecutionDatabase.Run(), ExecutionDatabase.Of(pending[1])]);
        IReadOnlyList<ChangeOutcome<FlowExecution>> done = await ChangeAsync(Complete, started.Select((o, i) => i < 2 ? ExecutionDatabase.Of(o.Row!) : ExecutionDatabase.Of(o.Row!.Id)));
        AssertEach.Of(done, o => Assert.Equal((OutcomeKind.Changed, false), (o.Kind, o.Row!.IsNew)));
        IReadOnlyList<ChangeOutcome<FlowExecution>> narrow = await ChangeAsync(Complete, (await StartAsync([ExecutionDatabase.Run()])).Select(o => ExecutionDatabase.Of(o.Row!)));
        AssertEach.Of(narrow, o => Assert.Equal((OutcomeKind.Changed, false), (o.Kind, o.Row!.IsNew)));
        await AssertAsInTableAsync([.. done, .. narrow]);
    }

    [PostgresFact]
    public async Task A_row_of_which_only_the_version_is_known_is_guarded_by_it()
    {
        // What a CSV line or a deserialized object brings along.
        await Database.InsertAsync(2);
        List<FlowExecution> rows = await Database.ReadAsync();
        await Database.RunAsync($"update crewai_flow_executions set token_count = 5 where id = '{rows[1].Id}'");
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(
            Complete, rows.Select(r => new ExecutionChange(r.Id, new RowGuard(r.RowVersion, "running", null), null, r.Id, RunValues.None)));
        Assert.Equal(rows[1].Id, SingleFailure(outcomes, LeoErrorId.StatusConflict).Source);
        await AssertAsInTableAsync([outcomes[0]]);
    }
}
