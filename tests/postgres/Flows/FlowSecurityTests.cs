using LeoPS.Changes;
using LeoPS.Flows;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Flows;

/// <summary>Who may see, make and change which flows, under the contract's row level security with Supabase's grants.</summary>
[Trait("Category", "Core")]
public sealed class FlowSecurityTests(PostgresServer server) : FlowDatabaseTest(server)
{
    private const string Me = "5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c01";
    private const string Other = "5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c02";
    private static readonly FlowValues Mine = new() { CreatedBy = Guid.Parse(Me) };

    [PostgresFact]
    public async Task A_user_sees_draft_and_active_flows_and_changes_the_own_ones()
    {
        Guid mine = await AddAsync("mine", ("created_by", $"'{Me}'"), ("status", "'active'"));
        Guid theirs = await AddAsync("theirs", ("created_by", $"'{Other}'"));
        Guid archived = await AddAsync("archived", ("created_by", $"'{Me}'"), ("status", "'archived'"));
        Flow hidden = await ReadFlowAsync(archived);
        await using ILeoDatabase user = await OpenAsUserAsync();
        List<Flow> seen = await ReadFlowsAsync(store: user.Flows);
        Assert.Equal(["mine", "theirs"], seen.Select(f => f.FlowKey));

        // An update of what may be read and not changed is silent; none of it is taken for success.
        IReadOnlyList<ChangeOutcome<Flow>> outcomes = await user.Flows.EditAsync(
            [Describe(seen[0]), Describe(seen[1]), Describe(hidden)], Bulk.Each, Context, CancellationToken.None).OutcomesAsync();
        Assert.Equal("Changed, Forbidden, FlowNotFound", Ends(outcomes));
        AssertEach.Of(["authenticated_login", "theirs", theirs.ToString()], part => Assert.Contains(part, outcomes[1].Error!.Message, StringComparison.Ordinal));
        Assert.Contains("hidden from role authenticated_login", outcomes[2].Error!.Message, StringComparison.Ordinal);
        Assert.Equal([mine], await Database.ColumnAsync<Guid>("select id from crewai_flows where description = 'edited'"));

        // By id alone it is the same.
        FlowValues version = new() { Version = 4, Given = FlowFields.Version };
        Assert.Equal(
            "Changed, Forbidden, FlowNotFound",
            Ends(await user.Flows.EditAsync([Edit(mine, version), Edit(theirs, version), Edit(archived, version)], Bulk.Each, Context, CancellationToken.None).OutcomesAsync()));
    }

    [PostgresFact]
    public async Task Archiving_the_own_flow_would_hide_it_from_its_writer_and_is_Forbidden_with_that_reason()
    {
        Guid mine = await AddAsync("mine", ("created_by", $"'{Me}'"));
        Guid second = await AddAsync("second", ("created_by", $"'{Me}'"));
        await using ILeoDatabase user = await OpenAsUserAsync();
        FlowEdit[] edits =
        [
            Edit(mine, new FlowValues { Status = FlowStatus.Archived, Given = FlowFields.Status }),
            Edit(second, new FlowValues { Status = FlowStatus.Active, Given = FlowFields.Status }),
        ];
        IReadOnlyList<ChangeOutcome<Flow>> outcomes = await user.Flows.EditAsync(edits, Bulk.Each, Context, CancellationToken.None).OutcomesAsync();
        Assert.Equal("Forbidden, Changed", Ends(outcomes));
        Assert.Equal("42501", outcomes[0].Error!.SqlState);
        AssertEach.Of(["authenticated_login", "read the flow afterwards"], part => Assert.Contains(part, outcomes[0].Error!.Message, StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task A_user_makes_flows_of_the_own_name_only()
    {
        await using ILeoDatabase user = await OpenAsUserAsync();
        IReadOnlyList<ChangeOutcome<Flow>> outcomes = await user.Flows.CreateAsync(
            [
                New("mine", Mine), New("theirs", Mine with { CreatedBy = Guid.Parse(Other) }), New("nobody's"),
                New("archived", Mine with { Status = FlowStatus.Archived }), New("active", Mine with { Status = FlowStatus.Active }),
            ],
            Bulk.Each,
            Context,
            CancellationToken.None).OutcomesAsync();
        Assert.Equal("Changed, Forbidden, Forbidden, Forbidden, Changed", Ends(outcomes));
        AssertEach.Of(outcomes.Where(o => o.Error is not null), o =>
        {
            Assert.Equal("42501", o.Error!.SqlState);
            AssertEach.Of(["Role authenticated_login", "created_by is the user's own id", "-CreatedBy"], part => Assert.Contains(part, o.Error.Message, StringComparison.Ordinal));
        });
        Assert.Equal(["active", "mine"], await Database.ColumnAsync<string>("select flow_key from crewai_flows order by 1"));
    }

    [PostgresFact]
    public async Task A_key_that_a_hidden_flow_has_is_told_as_that()
    {
        await AddAsync("k", ("status", "'archived'"));
        await using ILeoDatabase user = await OpenAsUserAsync();
        LeoException error = Failed(await user.Flows.CreateAsync([New("k", Mine)], Bulk.Each, Context, CancellationToken.None).OutcomesAsync(), LeoErrorId.ValueOutOfRange);
        Assert.Contains("hidden from role authenticated_login", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task To_anon_there_are_no_flows_to_change_and_none_to_make()
    {
        Flow known = await ReadFlowAsync(await AddAsync("a", ("status", "'archived'")));
        await using ILeoDatabase anon = await Database.OpenAsMemberAsync("anon");
        Assert.Empty(await ReadFlowsAsync(store: anon.Flows));
        LeoException error = Failed(await anon.Flows.EditAsync([Describe(known)], Bulk.Each, Context, CancellationToken.None).OutcomesAsync(), LeoErrorId.FlowNotFound);
        Assert.Contains("hidden from role anon_login", error.Message, StringComparison.Ordinal);
        Failed(await anon.Flows.CreateAsync([New("b", Mine)], Bulk.Each, Context, CancellationToken.None).OutcomesAsync(), LeoErrorId.Forbidden);
    }

    [PostgresTheory]
    [InlineData("update")]
    [InlineData("insert")]
    public async Task Without_a_grant_the_whole_call_is_Forbidden(string right)
    {
        Guid id = await AddAsync("a", ("created_by", $"'{Me}'"));
        await Database.RunAsync($"revoke {right} on crewai_flows from authenticated");
        await using ILeoDatabase user = await OpenAsUserAsync();
        LeoException error = await Assert.ThrowsAsync<LeoException>(() => right == "update"
            ? user.Flows.EditAsync([Edit(id, new FlowValues { Version = 2, Given = FlowFields.Version })], Bulk.Each, Context, CancellationToken.None).OutcomesAsync()
            : user.Flows.CreateAsync([New("b", Mine)], Bulk.Each, Context, CancellationToken.None).OutcomesAsync());
        Assert.Equal((LeoErrorId.Forbidden, "42501"), (error.ErrorId, error.SqlState));
        Assert.Contains("crewai_flows", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Service_role_bypasses_all_of_it()
    {
        Guid id = await AddAsync("a", ("status", "'archived'"));
        await using ILeoDatabase service = await Database.OpenAsync(s => s with { Role = "service_role" });
        Changed(await service.Flows.EditAsync([Edit(id, new FlowValues { Status = FlowStatus.Deprecated, Given = FlowFields.Status })], Bulk.Each, Context, CancellationToken.None).OutcomesAsync());
        Changed(await service.Flows.CreateAsync([New("b")], Bulk.Each, Context, CancellationToken.None).OutcomesAsync());
    }

    [PostgresFact]
    public async Task A_read_only_connection_makes_and_edits_nothing()
    {
        Guid id = await AddAsync("a");
        await using ILeoDatabase reader = await Database.OpenAsync(s => s with { ReadOnly = true });
        Assert.Equal(LeoErrorId.ReadOnlyConnection, (await Assert.ThrowsAsync<LeoException>(() => reader.Flows.CreateAsync([New("b")], Bulk.Each, Context, CancellationToken.None).OutcomesAsync())).ErrorId);
        Assert.Equal(
            LeoErrorId.ReadOnlyConnection,
            (await Assert.ThrowsAsync<LeoException>(() => reader.Flows.EditAsync([Edit(id, new FlowValues { Version = 2, Given = FlowFields.Version })], Bulk.Each, Context, CancellationToken.None).OutcomesAsync())).ErrorId);
    }

    /// <summary>As a signed-in user of Supabase whose claims name <see cref="Me"/>.</summary>
    private Task<ILeoDatabase> OpenAsUserAsync() => Database.OpenAsMemberAsync("authenticated", Guid.Parse(Me));
}
