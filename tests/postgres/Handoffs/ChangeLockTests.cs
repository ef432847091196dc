using System.Diagnostics;
using LeoPS.Changes;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>Rows that another transaction holds.</summary>
public sealed class ChangeLockTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    [PostgresTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Held_rows_are_RowLocked_and_the_others_are_done(bool objects)
    {
        List<Guid> ids = await Database.InsertAsync(1000);
        Guid[] held = [ids[3], ids[500], ids[999]];
        List<HandoffPreparation> rows = await Database.ReadAsync();
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes;
        await using (await Database.HoldAsync(held))
        {
            outcomes = await ChangeAsync(
                HandoffDatabase.MoveTo(HandoffStatus.Sent), rows.Select(r => objects ? HandoffDatabase.Of(r) : HandoffDatabase.Of(r.Id)), Waiting(Short));
        }

        // Three held rows are waited for once, not three times.
        Assert.InRange(Stopwatch.GetElapsedTime(start), Short, TimeSpan.FromSeconds(5));
        foreach ((HandoffPreparation row, ChangeOutcome<HandoffPreparation> outcome) in rows.Zip(outcomes))
        {
            Assert.Equal(held.Contains(row.Id) ? (OutcomeKind.Failed, LeoErrorId.RowLocked) : (OutcomeKind.Changed, null), (outcome.Kind, outcome.Error?.ErrorId));
        }

        LeoException error = outcomes[500].Error!;
        Assert.Contains("0.3 s", error.Message, StringComparison.Ordinal);
        Assert.Contains(ids[500].ToString(), error.Message, StringComparison.Ordinal);
        Assert.Equal(997, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations where handoff_status = 'sent'"));
    }

    [PostgresFact]
    public async Task Rows_once_held_and_free_again_are_not_called_locked()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        await (await Database.HoldAsync([.. ids])).DisposeAsync();
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated");
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), ids.Select(HandoffDatabase.Of), store: member.Handoffs);
        AssertEach.Of(outcomes, o => Assert.Equal(LeoErrorId.Forbidden, o.Error?.ErrorId));
    }

    [PostgresTheory]
    [InlineData(null)]
    [InlineData("update exec_handoff_preparations set demo_url = 'x' where id = any($1)")]
    public async Task Rows_that_come_free_during_the_wait_are_changed_unless_they_moved(string? write)
    {
        List<Guid> ids = await Database.InsertAsync(10);
        List<HandoffPreparation> rows = await Database.ReadAsync();
        Guid[] held = [ids[2], ids[7]];
        NpgsqlConnection holder = await Database.HoldAsync(held);
        await using (holder)
        {
            Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> change = Task.Run(() => ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), rows.Select(HandoffDatabase.Of), Waiting(Long)));
            await Database.WaitUntilRunningAsync(1);
            if (write is not null)
            {
                await using var command = new NpgsqlCommand(write, holder);
                command.Parameters.Add(new NpgsqlParameter { Value = held });
                await command.ExecuteNonQueryAsync();
            }

            await using (var commit = new NpgsqlCommand("commit", holder))
            {
                await commit.ExecuteNonQueryAsync();
            }

            foreach ((HandoffPreparation row, ChangeOutcome<HandoffPreparation> outcome) in rows.Zip(await change))
            {
                bool moved = write is not null && held.Contains(row.Id);
                Assert.Equal(moved ? (OutcomeKind.Failed, LeoErrorId.StatusConflict) : (OutcomeKind.Changed, null), (outcome.Kind, outcome.Error?.ErrorId));
            }
        }
    }

    [PostgresFact]
    public async Task An_id_whose_row_moved_during_the_wait_is_judged_by_what_it_is_now()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        await using NpgsqlConnection holder = await Database.HoldAsync([.. ids]);
        Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> change = Task.Run(() => ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), ids.Select(HandoffDatabase.Of), Waiting(Long)));
        await Database.WaitUntilRunningAsync(1);
        await using (var command = new NpgsqlCommand(
            $"""
            update exec_handoff_preparations set handoff_status = 'sent' where id = '{ids[0]}';
            update exec_handoff_preparations set handoff_status = 'preparing' where id = '{ids[1]}';
            update exec_handoff_preparations set demo_url = 'x' where id = '{ids[2]}';
            commit
            """,
            holder))
        {
            await command.ExecuteNonQueryAsync();
        }

        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await change;
        Assert.Equal([OutcomeKind.Unchanged, OutcomeKind.Failed, OutcomeKind.Changed], outcomes.Select(o => o.Kind));
        Assert.Equal(LeoErrorId.InvalidTransition, outcomes[1].Error?.ErrorId);
    }

    [PostgresFact]
    public async Task A_table_that_is_locked_whole_is_RowLocked()
    {
        Guid id = (await Database.InsertAsync(1))[0];
        await using NpgsqlConnection holder = await Database.ConnectAsync();
        await using var command = new NpgsqlCommand("begin; lock table exec_handoff_preparations", holder);
        await command.ExecuteNonQueryAsync();
        LeoException error = await Assert.ThrowsAsync<LeoException>(
            () => ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(id)], Waiting(TimeSpan.FromMilliseconds(100))));
        Assert.Equal(LeoErrorId.RowLocked, error.ErrorId);
    }
}
