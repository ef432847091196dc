using LeoPS.Changes;
using LeoPS.Ports;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Sessions;
using LeoPS.Postgres.Statements;
using LeoPS.PostgresTests.Directives;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Sessions;
using Npgsql;

namespace LeoPS.PostgresTests.Sessions;

/// <summary>Edits of implementation sessions: status, progress, other columns, and what the table allows.</summary>
public sealed class SessionEditTests(PostgresServer server) : DirectiveDatabaseTest(server)
{
    /// <summary>The traits of the dashboard's own table: a progress column, and at most one session of each status, checked at COMMIT.</summary>
    private const string Dashboard = """
        alter table exec_implementation_sessions
            add column implementation_progress integer default 0 check (implementation_progress between 0 and 100),
            add column quality_score integer default 0,
            add column demo_urls text[],
            add constraint one_of_each_status unique (sd_id, status) deferrable initially deferred
        """;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await AddAsync("SD-1", "KEY-1");
    }

    [PostgresTheory]
    [InlineData(SessionStatus.Completed)]
    [InlineData(SessionStatus.Failed)]
    [InlineData(SessionStatus.Cancelled)]
    public async Task A_session_that_ends_is_stamped_by_the_servers_clock(SessionStatus status)
    {
        ImplementationSession known = await SessionAsync("active", updated: "2020-01-01Z");
        ImplementationSession now = Changed(await EditAsync(Edit(known, status)));
        Assert.Equal((known.Id, status, known.StartedAt, known.SdId), (now.Id, now.Status, now.StartedAt, now.SdId));
        Assert.NotNull(now.CompletedAt);
        Assert.Equal(now.CompletedAt, now.UpdatedAt);
        Assert.True(await Database.ScalarAsync<bool>($"select completed_at between now() - interval '1 minute' and now() from exec_implementation_sessions where id = '{known.Id}'"));
        Assert.Equal("KEY-1", now.SdKey);
    }

    [PostgresFact]
    public async Task A_session_that_goes_on_loses_its_end_and_one_that_has_the_status_keeps_it()
    {
        ImplementationSession known = await SessionAsync("completed", completed: "2020-01-02Z");
        ImplementationSession same = Changed(await EditAsync(Edit(known, SessionStatus.Completed)));
        Assert.Equal(known.CompletedAt, same.CompletedAt);
        ImplementationSession other = Changed(await EditAsync(Edit(same, SessionStatus.Failed)));
        Assert.True(other.CompletedAt > known.CompletedAt);
        ImplementationSession paused = Changed(await EditAsync(Edit(other, SessionStatus.Paused)));
        Assert.Null(paused.CompletedAt);
        Assert.Equal(SessionStatus.Active, Changed(await EditAsync(Edit(paused, SessionStatus.Active))).Status);
    }

    [PostgresFact]
    public async Task An_edit_without_a_status_leaves_status_and_end_alone()
    {
        await Database.RunAsync(Dashboard);
        ImplementationSession known = await SessionAsync("completed", completed: "2020-01-02Z");
        ImplementationSession now = Changed(await EditAsync(Edit(known, null, progress: 40, type: ImplementationType.API_ENDPOINT)));
        Assert.Equal((SessionStatus.Completed, known.CompletedAt, ImplementationType.API_ENDPOINT), (now.Status, now.CompletedAt, now.ImplementationType));
        Assert.Contains("\"implementation_progress\":40", now.RawAdditionalColumns, StringComparison.Ordinal);
        Assert.NotEqual(known.UpdatedAt, now.UpdatedAt);
    }

    [PostgresFact]
    public async Task Further_columns_take_values_of_their_own_types_and_an_end_that_is_given_stays()
    {
        await Database.RunAsync(Dashboard);
        ImplementationSession known = await SessionAsync("active");
        ImplementationSession now = Changed(await EditAsync(
            Edit(known, SessionStatus.Completed, additional: """{"quality_score": 91, "demo_urls": ["a", "b,c"], "completed_at": "2021-05-06T07:08:09Z"}""")));
        Assert.Equal(new DateTimeOffset(2021, 5, 6, 7, 8, 9, TimeSpan.Zero), now.CompletedAt);
        Assert.Equal("91|b,c", await Database.ScalarAsync<string>($"select quality_score || '|' || demo_urls[2] from exec_implementation_sessions where id = '{known.Id}'"));
    }

    [PostgresFact]
    public async Task Rows_of_a_batch_may_write_different_columns()
    {
        await Database.RunAsync(Dashboard);
        ImplementationSession[] known = [await SessionAsync("active", "SD-1"), await SessionAsync("paused", "SD-1"), await SessionAsync("failed", "SD-1")];
        string[] additional = ["""{"quality_score": 1}""", """{"demo_urls": ["x"]}""", """{"quality_score": null, "completed_at": "2021-01-01Z"}"""];
        IReadOnlyList<ChangeOutcome<ImplementationSession>> outcomes = await EditAsync([.. known.Select((k, i) => Edit(k, null, progress: i, additional: additional[i]))]);
        AssertEach.Of(outcomes, o => Assert.Null(o.Error));
        Assert.Equal(
            ["0:1:-:-", "1:0:x:-", "2:-:-:2021-01-01"],
            await Database.ColumnAsync<string>("""
                select implementation_progress || ':' || coalesce(quality_score::text, '-') || ':' || coalesce(demo_urls[1], '-') || ':'
                       || coalesce(to_char(completed_at at time zone 'UTC', 'YYYY-MM-DD'), '-')
                from exec_implementation_sessions where sd_id = 'SD-1' order by implementation_progress
                """));
    }

    [PostgresTheory]
    [InlineData("""{"status": "paused"}""", "-Status writes")]
    [InlineData("""{"implementation_progress": 1}""", "-Progress writes")]
    [InlineData("""{"id": "x"}""", "does not change")]
    [InlineData("""{"updated_at": "2021-01-01Z"}""", "does not change")]
    [InlineData("""{"no_such": 1}""", "has no such column")]
    [InlineData("[1]", "is no object")]
    public async Task Additional_columns_that_cannot_be_written_fail_their_row_alone(string additional, string says)
    {
        await Database.RunAsync(Dashboard);
        ImplementationSession[] known = [await SessionAsync("active"), await SessionAsync("paused")];
        IReadOnlyList<ChangeOutcome<ImplementationSession>> outcomes =
            await EditAsync(Edit(known[0], null, additional: additional), Edit(known[1], null, additional: """{"quality_score": 5}"""));
        Assert.Contains(says, outcomes[0].Error!.Message, StringComparison.Ordinal);
        Assert.Equal(OutcomeKind.Changed, outcomes[1].Kind);
    }

    [PostgresFact]
    public async Task A_table_without_the_progress_column_says_so_by_column_and_parameter()
    {
        LeoException error = Failed(Assert.Single(await EditAsync(Edit(await SessionAsync("active"), null, progress: 5))), LeoErrorId.ValueOutOfRange);
        Assert.Contains("no column implementation_progress, which -Progress writes", error.Message, StringComparison.Ordinal);
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_second_active_session_is_refused_with_the_one_that_is_there(bool hasIndex)
    {
        await Database.RunAsync(hasIndex ? "select 1" : "drop index idx_exec_sessions_sd_active");
        ImplementationSession active = await SessionAsync("active");
        ImplementationSession paused = await SessionAsync("paused");
        LeoException error = Failed(Assert.Single(await EditAsync(Edit(paused, SessionStatus.Active))), LeoErrorId.StatusConflict, active.Id.ToString(), "End that one first", "Set-ImplementationSession");
        Assert.Equal(error.Message, (await ObstacleAsync(Edit(paused, SessionStatus.Active), paused))!.Message);
        Assert.Equal("paused", await StatusAsync(paused.Id));
        // The active one itself may be set active once more.
        Assert.Equal(SessionStatus.Active, Changed(await EditAsync(Edit(active, SessionStatus.Active))).Status);
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_two_in_one_batch_the_first_becomes_active(bool atomic)
    {
        await Database.RunAsync("drop index idx_exec_sessions_sd_active");
        ImplementationSession[] known = [.. new[] { await SessionAsync("paused"), await SessionAsync("failed") }.OrderByDescending(s => s.Id)];
        SessionEdit[] edits = [.. known.Select(k => Edit(k, SessionStatus.Active))];
        IReadOnlyList<ChangeOutcome<ImplementationSession>> outcomes = atomic
            ? (await Sessions.EditAsync(edits, new BulkOptions(1000, IsAtomic: true), HandoffDatabase.Context, CancellationToken.None)).Outcomes
            : await EditAsync(edits);
        Assert.Equal(1, outcomes.Count(o => o.Error?.ErrorId == LeoErrorId.StatusConflict));
        Assert.Equal(atomic ? 0L : 1L, await Database.ScalarAsync<long>("select count(*) from exec_implementation_sessions where sd_id = 'SD-1' and status = 'active'"));
        if (!atomic)
        {
            Assert.Equal(OutcomeKind.Changed, outcomes[0].Kind);
            Assert.Equal("active", await StatusAsync(known[0].Id));
        }
    }

    [PostgresFact]
    public async Task A_constraint_that_refuses_at_COMMIT_fails_its_row_by_name_and_the_others_are_written()
    {
        await AddAsync("SD-2", "KEY-2");
        ImplementationSession done = await SessionAsync("completed");
        ImplementationSession second = await SessionAsync("active");
        ImplementationSession other = await SessionAsync("active", "SD-2");
        await Database.RunAsync(Dashboard);
        (second, other) = (await ReadAsync(second.Id), await ReadAsync(other.Id));
        Assert.Contains("one_of_each_status", (await ObstacleAsync(Edit(second, SessionStatus.Completed), second))!.Message, StringComparison.Ordinal);
        Assert.Contains(done.Id.ToString(), (await ObstacleAsync(Edit(second, SessionStatus.Completed), second))!.Message, StringComparison.Ordinal);
        IReadOnlyList<ChangeOutcome<ImplementationSession>> outcomes = await EditAsync(Edit(second, SessionStatus.Completed), Edit(other, SessionStatus.Completed));
        LeoException error = Failed(outcomes[0], LeoErrorId.StatusConflict, "one_of_each_status", "Completed");
        Assert.Equal("23505", error.SqlState);
        Assert.Equal(OutcomeKind.Changed, outcomes[1].Kind);
        Assert.Equal(("active", "completed"), (await StatusAsync(second.Id), await StatusAsync(other.Id)));
        // Without such a constraint a directive may have several.
        await Database.RunAsync("alter table exec_implementation_sessions drop constraint one_of_each_status");
        Changed(await EditAsync(Edit(second, SessionStatus.Completed)));
    }

    [PostgresFact]
    public async Task A_session_that_changed_since_it_was_read_is_an_EditConflict_and_a_bare_id_is_written()
    {
        ImplementationSession known = await SessionAsync("active");
        await Database.RunAsync($"update exec_implementation_sessions set status = 'paused' where id = '{known.Id}'");
        Failed(Assert.Single(await EditAsync(Edit(known, SessionStatus.Completed))), LeoErrorId.EditConflict, known.Id.ToString(), "KEY-1");
        Assert.Equal("paused", await StatusAsync(known.Id));
        Changed(await EditAsync(Edit(known, SessionStatus.Completed) with { Guard = null }));
    }

    [PostgresFact]
    public async Task What_is_not_there_is_held_or_may_not_be_changed_is_reported_as_such()
    {
        Failed(Assert.Single(await EditAsync(new SessionEdit(Guid.NewGuid(), null, null, null, SessionWritable.Values(null, ImplementationType.UI_COMPONENT, null, null)))), LeoErrorId.NotFound);
        ImplementationSession known = await SessionAsync("active");
        await using (NpgsqlConnection holder = await Database.ConnectAsync())
        {
            await using var hold = new NpgsqlCommand($"begin; select from exec_implementation_sessions where id = '{known.Id}' for update", holder);
            await hold.ExecuteNonQueryAsync();
            CallContext impatient = HandoffDatabase.Context with { LockTimeout = TimeSpan.FromMilliseconds(100) };
            Failed(Assert.Single(await Sessions.EditAsync([Edit(known, SessionStatus.Paused)], Bulk.Each, impatient, CancellationToken.None).OutcomesAsync()), LeoErrorId.RowLocked);
        }

        await using ILeoDatabase reader = await Database.OpenAsMemberAsync("authenticated");
        LeoException forbidden = Failed(
            Assert.Single(await reader.Sessions.EditAsync([Edit(known, SessionStatus.Paused)], Bulk.Each, HandoffDatabase.Context, CancellationToken.None).OutcomesAsync()), LeoErrorId.Forbidden);
        Assert.Contains("authenticated", forbidden.Message, StringComparison.Ordinal);
        Assert.Equal("active", await StatusAsync(known.Id));
    }

    [PostgresFact]
    public async Task Atomically_all_are_edited_or_none()
    {
        ImplementationSession[] known = [await SessionAsync("active"), await SessionAsync("paused")];
        await Database.RunAsync($"update exec_implementation_sessions set updated_at = now() where id = '{known[1].Id}'");
        BulkResult<ImplementationSession> refused = await Sessions.EditAsync(
            [.. known.Select(k => Edit(k, SessionStatus.Cancelled))], new BulkOptions(1, IsAtomic: true), HandoffDatabase.Context, CancellationToken.None);
        Assert.False(refused.Committed);
        Assert.Equal(LeoErrorId.EditConflict, refused.Outcomes[1].Error!.ErrorId);
        Assert.Equal("active", await StatusAsync(known[0].Id));
        known[1] = await ReadAsync(known[1].Id);
        Assert.True((await Sessions.EditAsync([.. known.Select(k => Edit(k, SessionStatus.Cancelled))], new BulkOptions(1, IsAtomic: true), HandoffDatabase.Context, CancellationToken.None)).Committed);
    }

    [PostgresFact]
    public async Task A_column_without_a_time_zone_is_stamped_in_UTC_whatever_the_zone_of_the_session()
    {
        await Database.RunAsync($"""
            alter table exec_implementation_sessions alter column updated_at type timestamp, alter column completed_at type timestamp;
            alter database "{Database.Name}" set timezone = 'Asia/Kolkata'
            """);
        ImplementationSession known = await SessionAsync("active");
        await using ILeoDatabase elsewhere = await Database.OpenAsync(s => s);
        Changed(await elsewhere.Sessions.EditAsync([Edit(known, SessionStatus.Completed) with { Guard = null }], Bulk.Each, HandoffDatabase.Context, CancellationToken.None).OutcomesAsync());
        Assert.True(await Database.ScalarAsync<bool>($"""
            select abs(extract(epoch from completed_at - (now() at time zone 'UTC'))) < 60 and completed_at = updated_at
            from exec_implementation_sessions where id = '{known.Id}'
            """));
    }

    [PostgresFact]
    public async Task Old_sessions_are_those_that_started_longer_ago()
    {
        ImplementationSession old = await SessionAsync("active", started: "now() - interval '3 days'");
        await SessionAsync("paused", started: "now() - interval '1 hour'");
        Assert.Equal([old.Id], (await ReadAsync(new SessionQuery { Filter = new SessionFilter { SdNames = ["SD-1"], OlderThan = TimeSpan.FromDays(2) } })).Select(s => s.Id));
        Assert.Empty(await ReadAsync(new SessionQuery { Filter = new SessionFilter { SdNames = ["SD-1"], OlderThan = TimeSpan.MaxValue } }));
    }

    [PostgresTheory]
    [InlineData("AsMet", false)]
    [InlineData("AsMet", true)]
    [InlineData("InOrder", true)]
    [InlineData("SkipHeld", false)]
    public async Task A_thousand_edits_go_by_the_primary_key(string mode, bool toActive)
    {
        await Database.RunAsync("""
            insert into exec_implementation_sessions (sd_id, status, implementation_type) select 'SD-1', 'paused', 'UI_COMPONENT' from generate_series(1, 20000);
            analyze exec_implementation_sessions
            """);
        Guid[] ids = [.. await Database.ColumnAsync<Guid>("select id from exec_implementation_sessions limit 1000")];
        var scope = new PooledScope(
            ConnectionSource.Over(NpgsqlDataSource.Create(Database.Server.ConnectionStringFor(Database.Name))), Database.Settings, HandoffDatabase.Context);
        var sql = new SessionSql(await RelationShape.LoadAsync(scope, SessionColumns.Table, CancellationToken.None));
        SessionStatus? status = toActive ? SessionStatus.Active : null;
        BatchItem<SessionEdit>[] items = [.. ids.Select((id, i) => new BatchItem<SessionEdit>(
            i, new SessionEdit(id, null, id, status, SessionWritable.Values(status, toActive ? null : (ImplementationType)(i % 3), null, null)), null))];
        RowDocument[] documents = [.. items.Select(i => RowDocument.OfEdit(i.Change.Values, SessionWritable.Table, sql.LiveColumns))];
        await using NpgsqlConnection connection = await Database.ConnectAsync();
        List<PlanNode> plan = await PlanNode.OfAsync(connection, new SessionEditStatements(sql).Update(items, documents, Enum.Parse<LockMode>(mode)));
        Assert.Contains(plan, n => n.Index == "exec_implementation_sessions_pkey");
        Assert.DoesNotContain(plan, n => n.Scans(SessionColumns.Table));
        Assert.Equal(mode != "AsMet", plan.Exists(n => n.Type == "LockRows"));
    }

    private ISessionStore Sessions => Database.Database.Sessions;

    private Task<IReadOnlyList<ChangeOutcome<ImplementationSession>>> EditAsync(params SessionEdit[] edits) =>
        Sessions.EditAsync(edits, Bulk.Each, HandoffDatabase.Context, CancellationToken.None).OutcomesAsync();

    private Task<LeoException?> ObstacleAsync(SessionEdit edit, ImplementationSession row) =>
        Sessions.FindObstacleAsync(edit, row, HandoffDatabase.Context, CancellationToken.None);

    private static SessionEdit Edit(
        ImplementationSession known, SessionStatus? status, int? progress = null, ImplementationType? type = null, string? additional = null) =>
        new(known.Id, RowGuard.Of(known), known, status, SessionWritable.Values(status, type, progress, additional));

    private static ImplementationSession Changed(IReadOnlyList<ChangeOutcome<ImplementationSession>> outcomes) => Made(Assert.Single(outcomes));

    /// <summary>Adds a session behind the store's back and reads it.</summary>
    private async Task<ImplementationSession> SessionAsync(
        string status, string sd = "SD-1", string? completed = null, string? updated = null, string started = "now() - interval '1 day'") =>
        await ReadAsync(await Database.ScalarAsync<Guid>($"""
            insert into exec_implementation_sessions (sd_id, status, implementation_type, started_at, completed_at, updated_at)
            values ('{sd}', '{status}', 'UI_COMPONENT', {started}, {(completed is null ? "null" : $"'{completed}'")}, {(updated is null ? "now()" : $"'{updated}'")})
            returning id
            """));

    private async Task<ImplementationSession> ReadAsync(Guid id) => Assert.Single(await ReadAsync(new SessionQuery { Filter = new SessionFilter { Ids = [id] } }));

    private Task<string> StatusAsync(Guid id) => Database.ScalarAsync<string>($"select status from exec_implementation_sessions where id = '{id}'");
}
