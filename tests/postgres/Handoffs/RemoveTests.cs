using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>Handoffs that are deleted, and the copies that stay of them.</summary>
public sealed class RemoveTests(PostgresServer server) : ContentTest(server)
{
    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_given_is_gone_and_what_is_wrong_is_told_apart(bool exported)
    {
        List<Guid> ids = await Database.InsertAsync(6);
        HandoffPreparation[] rows = [.. await Database.ReadAsync()];
        await Database.RunAsync($"update exec_handoff_preparations set demo_url = 'theirs' where id = '{ids[1]}'");
        var unknown = Guid.NewGuid();
        var export = new FakeExport(Database);
        await using (await Database.HoldAsync(ids[3]))
        {
            IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await RemoveAsync(
                [Of(rows[4]), Of(rows[1]), Of(unknown), Of(rows[3]), Of(ids[0])], exported ? export : null, Waiting(TimeSpan.FromMilliseconds(200)));
            Assert.Equal(["", "EditConflict", "NotFound", "RowLocked", ""], ErrorsOf(outcomes));
            Assert.Equal([rows[4], rows[1], unknown, rows[3], (object)ids[0]], outcomes.Select(o => o.Source));
            Assert.Equal(HandoffJson.Line(rows[4]), HandoffJson.Line(outcomes[0].Row!));
        }

        Assert.Equal([ids[1], ids[2], ids[3], ids[5]], (await Database.ReadAsync()).Select(r => r.Id));
        Assert.Equal(exported ? [ids[0], ids[4]] : [], export.Kept.Select(r => r.Id).Order());
        Assert.DoesNotContain(false, export.ThereWhenWritten);
    }

    [PostgresFact]
    public async Task Ten_thousand_rows_that_were_exported_come_back_to_the_byte()
    {
        await Database.InsertAsync(10_000, "ready", ("quality_metrics", """case n % 3 when 0 then null when 1 then '{"big": 1e400, "K": 1, "k": 1.10}'::jsonb else 'null' end"""), ("known_issues", "array[n::text, null]"), ("sent_at", "now() - n * interval '1 us'"));
        List<string> before = await RowsAsync();
        string path = Path.Combine(Path.GetTempPath(), $"leops-{Guid.NewGuid():n}.jsonl");
        try
        {
            using (var export = new RowExport<HandoffPreparation>(path, "handoff", HandoffJson.Line))
            {
                foreach (HandoffPreparation[] part in (await Database.ReadAsync()).Chunk(1000))
                {
                    AssertEach.Of(await RemoveAsync(part.Select(Of), export), o => Assert.Equal(OutcomeKind.Changed, o.Kind));
                }
            }

            Assert.Empty(await RowsAsync());
            foreach (string[] part in File.ReadLines(path).Chunk(1000))
            {
                AssertEach.Of(await CreateAsync(part.Select(HandoffLine.Parse), Restoring), o => Assert.Equal(OutcomeKind.Changed, o.Kind));
            }
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Equal(before, await RowsAsync());
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_row_that_no_line_can_hold_is_not_deleted_where_it_is_to_be_exported(bool exported)
    {
        List<Guid> ids = await Database.InsertAsync(5);
        await Database.RunAsync($"update exec_handoff_preparations set sent_at = 'infinity' where id = any('{"{"}{ids[1]},{ids[3]}{"}"}')");
        var export = new FakeExport(Database);
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await RemoveAsync(ids.Select(Of), exported ? export : null);
        Assert.Equal(exported ? ["", "UnreadableRow", "", "UnreadableRow", ""] : ["", "", "", "", ""], ErrorsOf(outcomes));
        Assert.Equal(exported ? 2 : 0, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations"));
        Assert.Equal(exported ? [ids[0], ids[2], ids[4]] : [], export.Kept.Select(r => r.Id).Order());
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_cannot_be_written_deletes_nothing(bool atomic)
    {
        List<Guid> ids = await Database.InsertAsync(5);
        var export = new FakeExport(Database) { Fails = true };
        LeoException error = await Assert.ThrowsAsync<LeoException>(() => atomic
            ? Content.RemoveAsync([.. ids.Select(Of)], new BulkOptions(2, IsAtomic: true), export, HandoffDatabase.Context, CancellationToken.None)
            : (Task)RemoveAsync(ids.Select(Of), export));
        Assert.Equal(LeoErrorId.ExportFailed, error.ErrorId);
        Assert.Equal(5, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations"));
        Assert.Empty(export.Kept);
    }

    [PostgresFact]
    public async Task What_the_commit_refuses_is_taken_back_from_the_file()
    {
        List<Guid> ids = await Database.InsertAsync(4);
        await Database.RunAsync($"""
            create function late() returns trigger language plpgsql as $$ begin if old.id = '{ids[2]}' then raise exception 'at the commit' using errcode = '23514'; end if; return null; end $$;
            create constraint trigger late after delete on exec_handoff_preparations deferrable initially deferred for each row execute function late()
            """);
        var export = new FakeExport(Database);
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await RemoveAsync(ids.Select(Of), export);
        Assert.Equal(["", "", "ValueOutOfRange", ""], ErrorsOf(outcomes));
        Assert.Equal([ids[0], ids[1], ids[3]], export.Kept.Select(r => r.Id).Order());
        Assert.Equal(ids[2], Assert.Single(await Database.ReadAsync()).Id);
    }

    [PostgresFact]
    public async Task Atomically_all_are_gone_and_in_the_file_or_none()
    {
        List<Guid> ids = await Database.InsertAsync(250);
        var export = new FakeExport(Database);
        BulkResult<HandoffPreparation> bad = await Content.RemoveAsync([.. ids.Select(Of), Of(Guid.NewGuid())], new BulkOptions(100, IsAtomic: true), export, HandoffDatabase.Context, CancellationToken.None);
        Assert.False(bad.Committed);
        Assert.Equal(LeoErrorId.NotFound, Assert.Single(bad.Outcomes, o => o.Kind == OutcomeKind.Failed).Error!.ErrorId);
        Assert.Empty(export.Kept);
        await Database.RunAsync($"update exec_handoff_preparations set sent_at = 'infinity' where id = '{ids[7]}'");
        BulkResult<HandoffPreparation> unreadable = await Content.RemoveAsync([.. ids.Select(Of)], new BulkOptions(100, IsAtomic: true), export, HandoffDatabase.Context, CancellationToken.None);
        Assert.False(unreadable.Committed);
        Assert.Equal(LeoErrorId.UnreadableRow, Assert.Single(unreadable.Outcomes, o => o.Kind == OutcomeKind.Failed).Error!.ErrorId);
        Assert.Equal(250, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations"));
        await Database.RunAsync("update exec_handoff_preparations set sent_at = null");
        Guid[] order = [.. ids.OrderBy(_ => Guid.NewGuid())];
        BulkResult<HandoffPreparation> good = await Content.RemoveAsync([.. order.Select(Of)], new BulkOptions(100, IsAtomic: true), export, HandoffDatabase.Context, CancellationToken.None);
        Assert.True(good.Committed);
        Assert.Equal(order, export.Kept.Select(r => r.Id));
        Assert.Equal(0, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations"));
    }

    [PostgresFact]
    public async Task A_stop_before_the_commit_leaves_the_rows_and_no_line()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        using var stop = new CancellationTokenSource();
        var export = new FakeExport(Database);
        await using NpgsqlConnection holder = await Database.HoldAsync(ids[1]);
        Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> removal = Task.Run(() => Content.RemoveAsync([.. ids.Select(Of)], Bulk.Each, export, HandoffDatabase.Context, stop.Token).OutcomesAsync());
        await Database.WaitUntilRunningAsync(1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => removal);
        Assert.Empty(export.Kept);
        Assert.Equal(3, (await Database.ReadAsync()).Count);
    }

    [PostgresFact]
    public async Task A_row_that_can_be_read_and_not_deleted_is_Forbidden_and_one_that_is_hidden_NotFound()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        HandoffPreparation[] rows = [.. await Database.ReadAsync()];
        await Database.RunAsync($"create policy by_row on exec_handoff_preparations for delete to authenticated using (id = '{ids[2]}')");
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated");
        Assert.Equal(["Forbidden", "Forbidden", ""], ErrorsOf(await RemoveAsync([Of(rows[0]), Of(ids[1]), Of(rows[2])], store: member.Handoffs)));
        await using ILeoDatabase anon = await Database.OpenAsMemberAsync("anon");
        Assert.Equal(["NotFound"], ErrorsOf(await RemoveAsync([Of(rows[0])], store: anon.Handoffs)));
        await Database.RunAsync("revoke delete on exec_handoff_preparations from authenticated");
        LeoException error = await Assert.ThrowsAsync<LeoException>(() => RemoveAsync([Of(rows[0])], store: member.Handoffs));
        Assert.Equal((LeoErrorId.Forbidden, "42501"), (error.ErrorId, error.SqlState));
    }

    private static RowRemoval Of(HandoffPreparation row) => new(row.Id, row.Guard, row);

    private static RowRemoval Of(Guid id) => new(id, null, id);

    private Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> RemoveAsync(
        IEnumerable<RowRemoval> removals, IRowExport<HandoffPreparation>? export = null, CallContext? context = null, IHandoffStore? store = null) =>
        (store ?? Content).RemoveAsync([.. removals], Bulk.Each, export, context ?? HandoffDatabase.Context, CancellationToken.None).OutcomesAsync();

    /// <summary>An export in memory that looks whether others still see each row when its line is written.</summary>
    private sealed class FakeExport(HandoffDatabase database) : IRowExport<HandoffPreparation>
    {
        private int _kept;
        private List<HandoffPreparation> _rows = [];

        public bool Fails { get; init; }

        public List<bool> ThereWhenWritten { get; } = [];

        public IEnumerable<HandoffPreparation> Kept => _rows;

        public void Write(IEnumerable<HandoffPreparation> rows)
        {
            if (Fails)
            {
                throw new LeoException(LeoErrorId.ExportFailed, "the disk is full");
            }

            foreach (HandoffPreparation row in rows)
            {
                ThereWhenWritten.Add(database.ScalarAsync<bool>($"select exists (select from exec_handoff_preparations where id = '{row.Id}')").GetAwaiter().GetResult());
                _rows.Add(row);
            }
        }

        public void Keep() => _kept = _rows.Count;

        public void TakeBack() => _rows = [.. _rows.Take(_kept)];
    }
}
