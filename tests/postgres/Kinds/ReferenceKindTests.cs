using LeoPS.Changes;
using LeoPS.Directives;
using LeoPS.Flows;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Schema;
using LeoPS.Sessions;

namespace LeoPS.PostgresTests.Kinds;

/// <summary>Directives, sessions, flows and the schema's own cmdlets, over tables of each kind.</summary>
public sealed class ReferenceKindTests(PostgresServer server) : TableKindTest(server)
{
    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task Directives_are_made_read_and_their_keys_are_kept_apart(TableKind kind)
    {
        await MakeAsync(kind);
        StrategicDirective made = Changed([await CreateAsync("SD-K-1")]);
        Assert.Equal(("SD-K-1", HasVersion(kind)), (made.SdKey, made.RowVersion is not null));
        StrategicDirective read = Assert.Single(
            await RowsAsync(Leo.Directives.ReadAsync(new DirectiveQuery { Filter = new DirectiveFilter { Names = ["SD-K-1"] } }, Context, CancellationToken.None)));
        Assert.Equal(DirectiveJson.Line(read), DirectiveJson.Line(made));
        Assert.Equal(OutcomeKind.Failed, (await CreateAsync("SD-K-1")).Kind);
        ChangeOutcome<StrategicDirective>[] calls = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(() => CreateAsync("SD-K-2", $"id-{n}"))));
        Assert.Equal(1, calls.Count(c => c.Kind == OutcomeKind.Changed));
        Assert.Equal(1, await Database.ScalarAsync<long>($"select count(*) from {Stored}.strategic_directives_v2 where sd_key = 'SD-K-2'"));
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task Sessions_are_made_and_read(TableKind kind)
    {
        await MakeAsync(kind);
        Changed([await CreateAsync("SD-K-1")]);
        var session = new NewSession { Sd = "SD-K-1", ImplementationType = ImplementationType.GENERAL_FEATURE };
        ImplementationSession made = Changed([await Leo.Sessions.CreateAsync(session, Context, CancellationToken.None)]);
        ImplementationSession read = Assert.Single(
            await RowsAsync(Leo.Sessions.ReadAsync(new SessionQuery { Filter = new SessionFilter { SdIds = ["SD-K-1"] } }, Context, CancellationToken.None)));
        Assert.Equal(SessionJson.Line(read), SessionJson.Line(made));
        Assert.Equal(OutcomeKind.Failed, (await Leo.Sessions.CreateAsync(session with { Id = Guid.NewGuid() }, Context, CancellationToken.None)).Kind);
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task Flows_are_made_edited_and_an_object_that_is_out_of_date_changes_nothing(TableKind kind)
    {
        await MakeAsync(kind);
        Flow made = Changed(await CreateAsync(NewFlow("f-1")));
        Assert.Equal(("f-1", HasVersion(kind)), (made.FlowKey, made.RowVersion is not null));
        Flow read = Assert.Single(
            await RowsAsync(Leo.Flows.ReadAsync(new FlowQuery { Filter = new FlowFilter { Ids = [made.Id] } }, Context, CancellationToken.None)));
        Assert.Equal(FlowJson.Line(read), FlowJson.Line(made));
        IReadOnlyList<ChangeOutcome<Flow>> more = await CreateAsync(NewFlow("f-1"), NewFlow("f-2"), NewFlow("f-2"));
        Assert.Equal([OutcomeKind.Failed, OutcomeKind.Changed, OutcomeKind.Failed], more.Select(o => o.Kind));
        Flow edited = Changed(await EditAsync(made, "one"));
        Assert.Equal("one", edited.Description);
        Failed(await EditAsync(made, "lost"), LeoErrorId.EditConflict);
        Changed(await EditAsync(edited, "two"));
        BulkResult<Flow> atomic = await Leo.Flows.CreateAsync([NewFlow("f-3"), NewFlow("f-4")], new BulkOptions(1, IsAtomic: true), Context, CancellationToken.None);
        Assert.True(atomic.Committed);
        IReadOnlyList<ChangeOutcome<Flow>>[] calls = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => CreateAsync(NewFlow("f-5")))));
        Assert.Equal(1, calls.Count(c => c[0].Kind == OutcomeKind.Changed));
        Assert.Equal(6, await Database.ScalarAsync<long>($"select count(*) from {Stored}.crewai_flows"));
    }

    [PostgresFact]
    public async Task A_partitioned_index_is_no_other_index()
    {
        await MakeAsync(TableKind.Partitioned);
        await Database.RunAsync("""
            create index idx_exec_handoff_preparations_status on exec_handoff_preparations (handoff_status);
            create index idx_flow_exec_status on crewai_flow_executions (status)
            """);
        IReadOnlyList<SchemaItem> items = await Leo.Schema.CompareAsync(Context, CancellationToken.None);
        AssertEach.Of(
            ["exec_handoff_preparations_pkey", "idx_exec_handoff_preparations_status", "idx_flow_exec_status"],
            name => AssertEach.Of(items.Where(i => i.Name == name), i => Assert.Equal(SchemaItemState.Ok, i.State)));
    }

    private static NewFlow NewFlow(string key)
    {
        var values = new FlowValues { FlowName = "Name", FlowDefinition = "{}" };
        return new NewFlow { FlowKey = key, Values = values with { Given = values.NotNull }, Source = key };
    }

    private Task<ChangeOutcome<StrategicDirective>> CreateAsync(string key, string? id = null) => Leo.Directives.CreateAsync(
        new NewDirective { Id = id, SdKey = key, Title = "Title" }.Check(), Context, CancellationToken.None);

    private Task<IReadOnlyList<ChangeOutcome<Flow>>> CreateAsync(params NewFlow[] flows) => Leo.Flows.CreateAsync(flows, Bulk.Each, Context, CancellationToken.None).OutcomesAsync();

    private Task<IReadOnlyList<ChangeOutcome<Flow>>> EditAsync(Flow known, string description) => Leo.Flows.EditAsync(
        [new FlowEdit(known.Id, FlowVersion.Of(known), known, new FlowValues { Description = description, Given = FlowFields.Description })], Bulk.Each, Context, CancellationToken.None).OutcomesAsync();
}
