using LeoPS.Changes;
using LeoPS.Flows;
using LeoPS.Ports;
using LeoPS.Reading;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A test class about flows, each of whose tests gets a database of its own.</summary>
public abstract class FlowDatabaseTest(PostgresServer server) : HandoffDatabaseTest(server)
{
    private protected static CallContext Context => HandoffDatabase.Context;

    private protected IFlowStore Flows => Database.Database.Flows;

    /// <summary>Inserts a flow behind the library's back.</summary>
    /// <param name="set">Further columns and their SQL values.</param>
    private protected Task<Guid> AddAsync(string key, params (string Column, string Value)[] set) => Database.ScalarAsync<Guid>($$"""
        insert into crewai_flows (flow_key, flow_name, flow_definition{{string.Concat(set.Select(s => $", {s.Column}"))}})
        values ($key${{key}}$key$, 'Name', '{}'{{string.Concat(set.Select(s => $", {s.Value}"))}}) returning id
        """);

    /// <summary>Starts a run behind the library's back: the counting trigger then writes the flow's row.</summary>
    private protected Task RunOnceAsync(Guid flow) =>
        Database.RunAsync($"insert into crewai_flow_executions (flow_id, execution_key) values ('{flow}', gen_random_uuid()::text)");

    /// <summary>Reads flows, unreadable ones with their errors.</summary>
    private protected async Task<List<ReadItem<Flow>>> ReadItemsAsync(FlowQuery? query = null, IFlowStore? store = null)
    {
        var items = new List<ReadItem<Flow>>();
        await foreach (IReadOnlyList<ReadItem<Flow>> chunk in (store ?? Flows).ReadAsync(query ?? new FlowQuery(), Context, CancellationToken.None))
        {
            items.AddRange(chunk);
        }

        return items;
    }

    /// <summary>Reads flows; fails where one is unreadable.</summary>
    private protected async Task<List<Flow>> ReadFlowsAsync(FlowFilter? filter = null, IFlowStore? store = null) =>
        (await ReadItemsAsync(new FlowQuery { Filter = filter ?? new FlowFilter(), OrderBy = FlowOrder.FlowKey }, store)).ConvertAll(item =>
        {
            Assert.Null(item.Error);
            return item.Row;
        });

    /// <summary>Reads one flow.</summary>
    private protected async Task<Flow> ReadFlowAsync(Guid id) => Assert.Single(await ReadFlowsAsync(new FlowFilter { Ids = [id] }));

    /// <summary>A flow to make, with name and definition.</summary>
    private protected static NewFlow New(string key, FlowValues? values = null)
    {
        FlowValues given = values ?? new FlowValues();
        given = given with { FlowName = given.FlowName ?? "Name", FlowDefinition = given.FlowDefinition ?? "{}" };
        return new NewFlow { FlowKey = key, Values = given with { Given = given.NotNull }, Source = key };
    }

    /// <summary>An edit of a description.</summary>
    private protected static FlowEdit Describe(Flow known, string? description = "edited") => Edit(known, new FlowValues { Description = description, Given = FlowFields.Description });

    /// <summary>An edit that carries the whole object.</summary>
    private protected static FlowEdit Edit(Flow known, FlowValues values) => new(known.Id, FlowVersion.Of(known), known, values);

    /// <summary>An edit by id alone.</summary>
    private protected static FlowEdit Edit(Guid id, FlowValues values) => new(id, default, id, values);

    private protected Task<IReadOnlyList<ChangeOutcome<Flow>>> CreateAsync(params NewFlow[] flows) => Flows.CreateAsync(flows, Bulk.Each, Context, CancellationToken.None).OutcomesAsync();

    private protected Task<IReadOnlyList<ChangeOutcome<Flow>>> EditAsync(params FlowEdit[] edits) => Flows.EditAsync(edits, Bulk.Each, Context, CancellationToken.None).OutcomesAsync();

    /// <summary>The row of the one outcome, which is a change.</summary>
    private protected static Flow Changed(IReadOnlyList<ChangeOutcome<Flow>> outcomes)
    {
        ChangeOutcome<Flow> outcome = Assert.Single(outcomes);
        Assert.Null(outcome.Error);
        Assert.Equal(OutcomeKind.Changed, outcome.Kind);
        return outcome.Row!;
    }

    /// <summary>The error of the one outcome.</summary>
    private protected static LeoException Failed(IReadOnlyList<ChangeOutcome<Flow>> outcomes, LeoErrorId errorId)
    {
        ChangeOutcome<Flow> outcome = Assert.Single(outcomes);
        Assert.Equal((OutcomeKind.Failed, errorId), (outcome.Kind, outcome.Error?.ErrorId));
        Assert.Null(outcome.Row);
        return outcome.Error!;
    }

    /// <summary>How outcomes ended, as "Changed, ValueOutOfRange".</summary>
    private protected static string Ends(IEnumerable<ChangeOutcome<Flow>> outcomes) =>
        string.Join(", ", outcomes.Select(o => o.Error?.ErrorId.ToString() ?? o.Kind.ToString()));
}
