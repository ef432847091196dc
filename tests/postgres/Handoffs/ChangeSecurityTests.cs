using LeoPS.Changes;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>Who may see and change what, under the contract's row level security with Supabase's grants.</summary>
[Trait("Category", "Core")]
public sealed class ChangeSecurityTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    [PostgresFact]
    public async Task One_who_may_read_and_not_change_is_Forbidden_for_each_row_and_nothing_changes()
    {
        List<Guid> ids = await Database.InsertAsync(20);
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated");
        List<HandoffPreparation> rows = await Database.ReadAsync(database: member);
        Assert.Equal(20, rows.Count);
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent), rows.Select((r, i) => i % 2 == 0 ? HandoffDatabase.Of(r) : HandoffDatabase.Of(r.Id)), store: member.Handoffs);
        AssertEach.Of(outcomes, o =>
        {
            Assert.Equal((OutcomeKind.Failed, LeoErrorId.Forbidden), (o.Kind, o.Error?.ErrorId));
            Assert.Contains("authenticated_login", o.Error!.Message, StringComparison.Ordinal);
        });
        Assert.Equal(ids, rows.Zip(outcomes).Where(p => p.Second.Error!.Message.Contains(p.First.Id.ToString(), StringComparison.Ordinal)).Select(p => p.First.Id));
        Assert.Equal(20, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations where handoff_status = 'ready'"));
    }

    [PostgresFact]
    public async Task Atomically_it_is_Forbidden_too()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated");
        BulkResult<HandoffPreparation> result = await member.Handoffs.ChangeAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent), [.. ids.Select(HandoffDatabase.Of)], new BulkOptions(1000, IsAtomic: true), HandoffDatabase.Context, CancellationToken.None);
        Assert.False(result.Committed);
        AssertEach.Of(result.Outcomes, o => Assert.Equal(LeoErrorId.Forbidden, o.Error?.ErrorId));
    }

    [PostgresFact]
    public async Task To_anon_a_row_is_NotFound_or_hidden()
    {
        List<Guid> ids = await Database.InsertAsync(2);
        HandoffPreparation known = await Database.ReadAsync(ids[0]);
        await using ILeoDatabase anon = await Database.OpenAsMemberAsync("anon");
        Assert.Empty(await Database.ReadAsync(database: anon));
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(known), HandoffDatabase.Of(ids[1])], store: anon.Handoffs);
        AssertEach.Of(outcomes, o =>
        {
            Assert.Equal((OutcomeKind.Failed, LeoErrorId.NotFound), (o.Kind, o.Error?.ErrorId));
            Assert.Contains("hidden from role anon_login", o.Error!.Message, StringComparison.Ordinal);
        });
    }

    [PostgresFact]
    public async Task A_member_of_service_role_changes()
    {
        List<Guid> ids = await Database.InsertAsync(2);
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("service_role");
        List<HandoffPreparation> rows = await Database.ReadAsync(database: member);
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(rows[0]), HandoffDatabase.Of(ids[1])], store: member.Handoffs);
        AssertEach.Of(outcomes, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
    }

    [PostgresTheory]
    [InlineData("service_role", null)]
    [InlineData("authenticated", LeoErrorId.Forbidden)]
    [InlineData("anon", LeoErrorId.NotFound)]
    public async Task The_role_of_the_settings_is_the_one_that_counts(string role, LeoErrorId? error)
    {
        Guid id = (await Database.InsertAsync(1))[0];
        await using ILeoDatabase asRole = await Database.OpenAsync(s => s with { Role = role });
        ChangeOutcome<HandoffPreparation> outcome = Assert.Single(await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(id)], store: asRole.Handoffs));
        Assert.Equal((error is null ? OutcomeKind.Changed : OutcomeKind.Failed, error), (outcome.Kind, outcome.Error?.ErrorId));
        Assert.Equal(role, asRole.Server.Role);
        if (error is not null)
        {
            Assert.Contains(role, outcome.Error!.Message, StringComparison.OrdinalIgnoreCase);
        }
    }

    [PostgresFact]
    public async Task Without_a_grant_the_whole_call_is_Forbidden()
    {
        Guid id = (await Database.InsertAsync(1))[0];
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated");
        await Database.RunAsync("revoke update on exec_handoff_preparations from authenticated");
        LeoException error = await Assert.ThrowsAsync<LeoException>(
            () => ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(id)], store: member.Handoffs));
        Assert.Equal((LeoErrorId.Forbidden, "42501"), (error.ErrorId, error.SqlState));
        Assert.Contains("exec_handoff_preparations", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_policy_by_row_lets_its_rows_through_and_the_others_are_Forbidden()
    {
        List<Guid> ids = await Database.InsertAsync(10);
        await Database.RunAsync($"create policy by_row on exec_handoff_preparations for update to authenticated using (id < '{ids[4]}')");
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated");
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent), (await Database.ReadAsync(database: member)).Select(HandoffDatabase.Of), store: member.Handoffs);
        AssertEach.Of(outcomes.Take(4), o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        AssertEach.Of(outcomes.Skip(4), o => Assert.Equal(LeoErrorId.Forbidden, o.Error?.ErrorId));
    }

    [PostgresFact]
    public async Task A_directive_that_is_hidden_has_no_key_and_no_title()
    {
        await Database.InsertAsync(1);
        await Database.RunAsync("drop policy strategic_directives_v2_select on strategic_directives_v2");
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated");
        HandoffPreparation row = Assert.Single(await Database.ReadAsync(database: member));
        Assert.Equal((HandoffDatabase.SdId, null, null), (row.SdId, row.SdKey, row.SdTitle));
    }
}
