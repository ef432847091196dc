using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>Who may make and edit what, under the contract's row level security with Supabase's grants.</summary>
public sealed class ContentSecurityTests(PostgresServer server) : ContentTest(server)
{
    [PostgresFact]
    public async Task One_who_may_read_only_makes_nothing_and_each_row_says_so()
    {
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated");
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await CreateAsync([Draft(), Draft("SD-UNKNOWN"), Draft()], store: member.Handoffs);
        Assert.Equal(["Forbidden", "ReferenceNotFound", "Forbidden"], ErrorsOf(outcomes));
        Assert.Contains("authenticated_login", outcomes[0].Error!.Message, StringComparison.Ordinal);
        Assert.Empty(await Database.ReadAsync());
    }

    [PostgresFact]
    public async Task To_anon_the_directive_is_not_there_or_hidden()
    {
        await using ILeoDatabase anon = await Database.OpenAsMemberAsync("anon");
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await CreateAsync([Draft(), Draft(null, HandoffDatabase.SessionId)], store: anon.Handoffs);
        Assert.Equal(["ReferenceNotFound", "ReferenceNotFound"], ErrorsOf(outcomes));
        AssertEach.Of(outcomes, o => Assert.Contains("hidden from role anon_login", o.Error!.Message, StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task A_member_of_service_role_makes_and_edits()
    {
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("service_role");
        HandoffPreparation row = Assert.Single(await CreateAsync([Draft()], store: member.Handoffs)).Row!;
        Assert.Equal("x", Assert.Single(await EditAsync([Edit(row, (ContentColumn.DemoUrl, "x"))], store: member.Handoffs)).Row!.DemoUrl);
    }

    [PostgresFact]
    public async Task A_row_that_can_be_read_and_not_changed_is_Forbidden_and_one_that_is_hidden_NotFound()
    {
        List<Guid> ids = await Database.InsertAsync(4);
        HandoffPreparation[] rows = [.. await Database.ReadAsync()];
        await Database.RunAsync($"create policy by_row on exec_handoff_preparations for update to authenticated using (id = '{ids[3]}')");
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated");
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await EditAsync(
            [Edit(rows[0], (ContentColumn.DemoUrl, "x")), Edit(ids[1], (ContentColumn.DemoUrl, "x")), Edit(Guid.NewGuid(), (ContentColumn.DemoUrl, "x")), Edit(rows[3], (ContentColumn.DemoUrl, "x"))],
            store: member.Handoffs);
        Assert.Equal(["Forbidden", "Forbidden", "NotFound", ""], ErrorsOf(outcomes));
        Assert.Contains("authenticated_login", outcomes[0].Error!.Message, StringComparison.Ordinal);
        await using ILeoDatabase anon = await Database.OpenAsMemberAsync("anon");
        Assert.Equal(["NotFound"], ErrorsOf(await EditAsync([Edit(rows[0], (ContentColumn.DemoUrl, "x"))], store: anon.Handoffs)));
    }

    [PostgresFact]
    public async Task Without_a_grant_the_whole_call_is_Forbidden()
    {
        Guid id = (await Database.InsertAsync(1))[0];
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated");
        await Database.RunAsync("revoke insert, update on exec_handoff_preparations from authenticated");
        LeoException[] errors =
        [
            await Assert.ThrowsAsync<LeoException>(() => CreateAsync([Draft(), Draft()], store: member.Handoffs)),
            await Assert.ThrowsAsync<LeoException>(() => EditAsync([Edit(id, (ContentColumn.DemoUrl, "x"))], store: member.Handoffs)),
        ];
        AssertEach.Of(errors, error => Assert.Equal((LeoErrorId.Forbidden, "42501"), (error.ErrorId, error.SqlState)));
    }

    [PostgresFact]
    public async Task A_read_only_connection_writes_nothing()
    {
        Guid id = (await Database.InsertAsync(1))[0];
        await using ILeoDatabase reader = await Database.OpenAsync(s => s with { ReadOnly = true });
        LeoException[] errors =
        [
            await Assert.ThrowsAsync<LeoException>(() => CreateAsync([Draft()], store: reader.Handoffs)),
            await Assert.ThrowsAsync<LeoException>(() => EditAsync([Edit(id, (ContentColumn.DemoUrl, "x"))], store: reader.Handoffs)),
        ];
        AssertEach.Of(errors, error => Assert.Equal(LeoErrorId.ReadOnlyConnection, error.ErrorId));
    }
}
