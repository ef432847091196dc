using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.PostgresTests.Handoffs;
using LeoPS.Sessions;

namespace LeoPS.PostgresTests.Access;

/// <summary>Rows that constraints and triggers refuse: the refusal names which, with its columns, at the statement and at COMMIT.</summary>
public sealed class ConstraintTests(PostgresServer server) : ContentTest(server)
{
    private const string Table = "exec_handoff_preparations";
    private const string Bad = "bad";

    private static readonly (string Kind, string Ddl, LeoErrorId ErrorId, string[] Named)[] All =
    [
        ("check", $"alter table {Table} add constraint thin check (implementation_summary <> 'bad') not valid", LeoErrorId.ValueOutOfRange,
            [$"constraint thin of public.{Table} on (implementation_summary): CHECK", "23514"]),
        ("unique", $"alter table {Table} add constraint one_each unique (session_id, implementation_summary)", LeoErrorId.ValueOutOfRange,
            [$"constraint one_each of public.{Table} on (session_id, implementation_summary): UNIQUE", "23505"]),
        ("deferred unique", $"alter table {Table} add constraint one_each unique (session_id, implementation_summary) deferrable initially deferred",
            LeoErrorId.ValueOutOfRange, [$"one_each of public.{Table} on (session_id, implementation_summary): UNIQUE", "DEFERRABLE", "23505"]),
        ("index", $"create unique index one_index on {Table} (sd_id, implementation_summary) where demo_url is null", LeoErrorId.ValueOutOfRange,
            [$"one_index of public.{Table} on (sd_id, implementation_summary): CREATE UNIQUE INDEX", "23505"]),
        ("exclusion", $"alter table {Table} add constraint apart exclude using hash (implementation_summary with =) deferrable initially deferred",
            LeoErrorId.ValueOutOfRange, [$"apart of public.{Table} on (implementation_summary): EXCLUDE", "23P01"]),
        ("deferred reference", $"""
            create table names (name text primary key); insert into names values ('a'), ('c');
            alter table {Table} add constraint known foreign key (implementation_summary) references names deferrable initially deferred not valid
            """, LeoErrorId.ReferenceNotFound, [$"known of public.{Table} on (implementation_summary): FOREIGN KEY", "23503"]),
        ("not null", $"""
            alter table {Table} add column tier text;
            create function tier() returns trigger language plpgsql as $$ begin
              new.tier := nullif(new.implementation_summary, 'bad'); return new; end $$;
            create trigger tier before insert or update on {Table} for each row execute function tier();
            alter table {Table} disable trigger tier; update {Table} set tier = 'x';
            alter table {Table} enable trigger tier; alter table {Table} alter column tier set not null
            """, LeoErrorId.ValueOutOfRange, [$"column tier of public.{Table}", "23502"]),
        ("trigger", $"{Refuse("check_violation")} create trigger refuse before insert or update on {Table} for each row execute function refuse()",
            LeoErrorId.ValueOutOfRange, ["A trigger or function of the database refused it: not like this", "refuse()", "23514"]),
        ("trigger with a code of its own", $"{Refuse("LP001")} create trigger refuse after insert or update on {Table} for each row execute function refuse()",
            LeoErrorId.Forbidden, ["A trigger or function of the database refused it: not like this", "refuse()", "LP001"]),
        ("trigger about rights", $"{Refuse("insufficient_privilege")} create trigger refuse before insert or update on {Table} for each row execute function refuse()",
            LeoErrorId.Forbidden, ["A trigger or function of the database refused it: not like this", "42501"]),
        ("deferred trigger", $"""
            {Refuse("raise_exception")}
            create constraint trigger refuse after insert or update on {Table} deferrable initially deferred for each row execute function refuse()
            """, LeoErrorId.Forbidden, ["A trigger or function of the database refused it: not like this", "refuse()", "P0001"]),
    ];

    public static TheoryData<string> Kinds => [.. All.Select(a => a.Kind)];

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task Of_a_batch_the_bad_row_alone_is_refused_by_name(string kind)
    {
        (LeoErrorId errorId, string[] named) = await ForbidAsync(kind);
        ChangeOutcome<HandoffPreparation> failed = SingleFailure(await CreateAsync([Draft(summary: "a"), Draft(summary: Bad), Draft(summary: "c")]), errorId);
        Assert.Equal(Bad, failed.Source);
        AssertNames(failed.Error!, named);
        Assert.Equal(3, await CountAsync());
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task Of_all_or_none_the_bad_row_alone_is_refused_by_name(string kind)
    {
        (LeoErrorId errorId, string[] named) = await ForbidAsync(kind);
        BulkResult<HandoffPreparation> result = await Content.CreateAsync(
            New, [Draft(summary: "a"), Draft(summary: Bad), Draft(summary: "c")], new BulkOptions(1, IsAtomic: true), HandoffDatabase.Context, CancellationToken.None);
        Assert.False(result.Committed);
        ChangeOutcome<HandoffPreparation> failed = SingleFailure(result.Outcomes, errorId);
        Assert.Equal(Bad, failed.Source);
        AssertNames(failed.Error!, named);
        Assert.Equal(1, await CountAsync());
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task Edits_are_refused_by_name(string kind)
    {
        List<Guid> ids = await AddAsync(2);
        (LeoErrorId errorId, string[] named) = await ForbidAsync(kind);
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await EditAsync(
            [Edit(ids[0], (ContentColumn.ImplementationSummary, "a")), Edit(ids[1], (ContentColumn.ImplementationSummary, Bad))]);
        AssertNames(SingleFailure(outcomes, errorId).Error!, named);
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_transaction_of_several_calls_is_refused_by_name_at_the_latest_by_its_commit(string kind)
    {
        (LeoErrorId errorId, string[] named) = await ForbidAsync(kind);
        await using ILeoTransaction transaction = await Database.Database.BeginAsync(CancellationToken.None);
        await CreateAsync([Draft(summary: "a")], store: transaction.Database.Handoffs);
        ChangeOutcome<HandoffPreparation> outcome = Assert.Single(await CreateAsync([Draft(summary: Bad)], store: transaction.Database.Handoffs));
        LeoException error = outcome.Error ?? await Assert.ThrowsAsync<LeoException>(transaction.CommitAsync);
        Assert.Equal(errorId, error.ErrorId);
        AssertNames(error, named);
    }

    [PostgresFact]
    public async Task A_deferred_constraint_that_is_mended_before_the_commit_refuses_nothing()
    {
        List<Guid> ids = await AddAsync(2);
        await ForbidAsync("deferred unique");
        List<HandoffPreparation> rows = await Database.ReadAsync(new HandoffQuery { Filter = new HandoffFilter { Ids = ids } });
        BulkResult<HandoffPreparation> swapped = await Content.EditAsync(
            Replace,
            [Edit(rows[0], (ContentColumn.ImplementationSummary, rows[1].ImplementationSummary)), Edit(rows[1], (ContentColumn.ImplementationSummary, rows[0].ImplementationSummary))],
            new BulkOptions(1, IsAtomic: true),
            HandoffDatabase.Context,
            CancellationToken.None);
        Assert.True(swapped.Committed);
    }

    [PostgresFact]
    public async Task A_second_session_is_refused_by_the_constraint_and_its_columns()
    {
        await Database.RunAsync("alter table exec_implementation_sessions add constraint one_status unique (sd_id, status) deferrable initially deferred");
        var session = new NewSession { Sd = HandoffDatabase.SdId, Status = SessionStatus.Completed, ImplementationType = ImplementationType.GENERAL_FEATURE };
        Assert.Null((await Database.Database.Sessions.CreateAsync(session, HandoffDatabase.Context, CancellationToken.None)).Error);
        LeoException error = (await Database.Database.Sessions.CreateAsync(
            session with { Id = Guid.NewGuid() }, HandoffDatabase.Context, CancellationToken.None)).Error!;
        Assert.Equal((LeoErrorId.ValueOutOfRange, "23505"), (error.ErrorId, error.SqlState));
        AssertNames(error, ["one_status of public.exec_implementation_sessions on (sd_id, status): UNIQUE (sd_id, status) DEFERRABLE", "with the same sd_id, status"]);
    }

    [PostgresFact]
    public async Task An_edited_session_is_refused_by_the_constraint_and_its_columns_at_its_commit()
    {
        Guid other = await Database.ScalarAsync<Guid>($"""
            alter table exec_implementation_sessions add constraint one_each unique (implementation_type, status) deferrable initially deferred;
            insert into exec_implementation_sessions (sd_id, status, implementation_type) values ('{HandoffDatabase.SdId}', 'completed', 'GENERAL_FEATURE') returning id
            """);
        var edit = new SessionEdit(HandoffDatabase.SessionId, null, other, SessionStatus.Completed, SessionWritable.Values(SessionStatus.Completed, null, null, null));
        LeoException error = Assert.Single(await Database.Database.Sessions.EditAsync([edit], Bulk.Each, HandoffDatabase.Context, CancellationToken.None).OutcomesAsync()).Error!;
        Assert.Equal((LeoErrorId.StatusConflict, "23505"), (error.ErrorId, error.SqlState));
        AssertNames(error, ["the same implementation_type, status", "one_each of public.exec_implementation_sessions on (implementation_type, status): UNIQUE", "-Status Completed"]);
    }

    [PostgresFact]
    public async Task Only_a_role_that_row_level_security_binds_is_told_of_hidden_rows()
    {
        await Database.RunAsync("create unique index one_type on exec_implementation_sessions (implementation_type); create policy makes on exec_implementation_sessions for insert to authenticated with check (true)");
        var session = new NewSession { Sd = HandoffDatabase.SdId, Status = SessionStatus.Completed, ImplementationType = ImplementationType.GENERAL_FEATURE };
        const string Hidden = "hidden from role authenticated by row level security";
        await using ILeoDatabase member = await Database.OpenAsync(s => s with { Role = "authenticated" });
        AssertNames((await member.Sessions.CreateAsync(session, HandoffDatabase.Context, CancellationToken.None)).Error!, ["one_type", Hidden]);
        LeoException error = (await Database.Database.Sessions.CreateAsync(session with { Id = Guid.NewGuid() }, HandoffDatabase.Context, CancellationToken.None)).Error!;
        AssertNames(error, ["one_type"]);
        Assert.DoesNotContain("hidden", error.Message, StringComparison.Ordinal);
    }

    [PostgresTheory]
    [InlineData("before update")]
    [InlineData("after update", "constraint", "deferrable initially deferred")]
    public async Task Of_a_selection_the_row_that_a_trigger_refuses_is_named_and_the_others_move(string when, string kind = "", string deferred = "")
    {
        List<Guid> ids = await AddAsync(5);
        await Database.RunAsync($"update {Table} set implementation_summary = 'bad' where id = '{ids[2]}'");
        Guid bad = ids[2];
        await Database.RunAsync($"{Refuse("raise_exception")} create {kind} trigger refuse {when} on {Table} {deferred} for each row execute function refuse()");
        SelectionResult<HandoffPreparation> atomic = await SelectAsync(atomic: true);
        Assert.True(atomic.RolledBack);
        Assert.Equal(bad, SingleFailure(atomic.Outcomes, LeoErrorId.Forbidden).Source);
        Assert.Equal(5, await Database.ScalarAsync<long>($"select count(*) from {Table} where handoff_status = 'ready'"));
        SelectionResult<HandoffPreparation> result = await SelectAsync(atomic: false);
        Assert.Equal((4, false), (result.Changed, result.RolledBack));
        AssertNames(SingleFailure(result.Outcomes, LeoErrorId.Forbidden).Error!, ["A trigger or function of the database refused it: not like this"]);
        Assert.Equal(ids.Count - 1, await Database.ScalarAsync<long>($"select count(*) from {Table} where handoff_status = 'sent'"));
    }

    [PostgresFact]
    public async Task An_owned_run_that_is_refused_at_its_commit_fails_by_name()
    {
        await Database.RunAsync($$"""
            insert into crewai_flows (flow_key, flow_name, flow_definition, status) values ('f', 'F', '{}', 'active');
            alter table crewai_flow_executions add constraint one_meeting unique (flow_id, board_meeting_id) deferrable initially deferred
            """);
        RunStart Run() => ExecutionDatabase.Run("f", values: new RunValues { BoardMeetingId = HandoffDatabase.SessionId });
        IExecutionStore runs = Database.Database.Executions;
        RunStartRules rules = ExecutionDatabase.Starting();
        Assert.Null((await runs.StartOwnedAsync(rules, Run(), HandoffDatabase.Context, CancellationToken.None)).Outcome.Error);
        OwnedStart refused = await runs.StartOwnedAsync(rules, Run(), HandoffDatabase.Context, CancellationToken.None);
        Assert.Equal((LeoErrorId.ValueOutOfRange, null), (refused.Outcome.Error?.ErrorId, refused.Run));
        AssertNames(refused.Outcome.Error!, ["one_meeting of public.crewai_flow_executions on (flow_id, board_meeting_id)"]);
    }

    [PostgresFact]
    public async Task A_run_without_a_key_that_another_unique_constraint_refuses_is_told_which()
    {
        await Database.RunAsync($$"""
            insert into crewai_flows (flow_key, flow_name, flow_definition, status) values ('f', 'F', '{}', 'active');
            create unique index one_meeting on crewai_flow_executions (board_meeting_id)
            """);
        RunStart Run() => ExecutionDatabase.Run("f", values: new RunValues { BoardMeetingId = HandoffDatabase.SessionId });
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes =
            await Database.Database.Executions.StartAsync(ExecutionDatabase.Starting(), [Run(), Run()], Bulk.Each, HandoffDatabase.Context, CancellationToken.None).OutcomesAsync();
        AssertNames(SingleFailure(outcomes, LeoErrorId.ValueOutOfRange).Error!, ["one_meeting of public.crewai_flow_executions on (board_meeting_id)"]);
    }

    private static string Refuse(string code) => $"""
        create function refuse() returns trigger language plpgsql as $$ begin
          if new.implementation_summary = 'bad' then raise exception 'not like this' using errcode = '{code}'; end if; return new;
        end $$;
        """;

    private static void AssertNames(LeoException error, string[] named) =>
        AssertEach.Of(named, text => Assert.Contains(text, error.Message, StringComparison.Ordinal));

    private Task<long> CountAsync() => Database.ScalarAsync<long>($"select count(*) from {Table}");

    private Task<SelectionResult<HandoffPreparation>> SelectAsync(bool atomic) => Store.ChangeSelectionAsync(
        HandoffDatabase.MoveTo(HandoffStatus.Sent), new HandoffFilter { Statuses = [HandoffStatus.Ready] }, atomic, returnRows: true, HandoffDatabase.Context, CancellationToken.None);

    /// <summary>Adds rows that are ready, each with a summary of its own.</summary>
    private async Task<List<Guid>> AddAsync(int count)
    {
        List<Guid> ids = await Database.InsertAsync(count);
        await Database.RunAsync($"update {Table} set implementation_summary = id::text where implementation_summary <> 'bad'");
        return ids;
    }

    /// <summary>Adds a row whose summary is bad, and what forbids another one.</summary>
    private async Task<(LeoErrorId ErrorId, string[] Named)> ForbidAsync(string kind)
    {
        Guid bad = (await AddAsync(1))[0];
        await Database.RunAsync($"update {Table} set implementation_summary = '{Bad}' where id = '{bad}'");
        (string _, string ddl, LeoErrorId errorId, string[] named) = Array.Find(All, a => a.Kind == kind);
        await Database.RunAsync(ddl);
        return (errorId, named);
    }
}
