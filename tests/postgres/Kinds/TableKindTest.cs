using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;

namespace LeoPS.PostgresTests.Kinds;

/// <summary>Operations over tables of each kind: a test takes the kind and begins with <see cref="MakeAsync"/>.</summary>
public abstract class TableKindTest(PostgresServer server) : HandoffDatabaseTest(server)
{
    /// <summary>The kinds, for theories.</summary>
    public static TheoryData<TableKind> Kinds => [.. Enum.GetValues<TableKind>()];

    /// <summary>The flow that is there from the beginning.</summary>
    private protected const string FlowKey = "kind-flow";

    private protected static CallContext Context => HandoffDatabase.Context;

    private protected ILeoDatabase Leo => Database.Database;

    /// <summary>The schema that holds the rows.</summary>
    private protected string Stored { get; private set; } = "public";

    /// <summary>Turns the tables into a kind, and adds an active flow.</summary>
    private protected async Task MakeAsync(TableKind kind)
    {
        await Database.RunAsync($"insert into crewai_flows (flow_key, flow_name, flow_definition, status) values ('{FlowKey}', 'Flow', '{"{}"}', 'active')");
        foreach (string sql in TableKindSql.For(kind, Database.Settings, Database.Name))
        {
            await Database.RunAsync(sql);
        }

        Stored = kind is TableKind.View or TableKind.Foreign ? "stored" : "public";
    }

    /// <summary>True where rows of the kind have an xmin, and so a guard that sees every change.</summary>
    private protected static bool HasVersion(TableKind kind) => kind is TableKind.Plain or TableKind.Partitioned;

    /// <summary>The row of the one outcome, which is a change.</summary>
    private protected static TRow Changed<TRow>(IEnumerable<ChangeOutcome<TRow>> outcomes)
        where TRow : class => Assert.Single(AllChanged(outcomes));

    /// <summary>The rows of outcomes that are all changes.</summary>
    private protected static List<TRow> AllChanged<TRow>(IEnumerable<ChangeOutcome<TRow>> outcomes)
        where TRow : class
    {
        List<ChangeOutcome<TRow>> all = [.. outcomes];
        AssertEach.Of(all, o => Assert.Equal((OutcomeKind.Changed, null), (o.Kind, o.Error?.Message)));
        return all.ConvertAll(o => o.Row!);
    }

    /// <summary>The error of the one outcome.</summary>
    private protected static LeoException Failed<TRow>(IEnumerable<ChangeOutcome<TRow>> outcomes, LeoErrorId errorId)
        where TRow : class
    {
        ChangeOutcome<TRow> outcome = Assert.Single(outcomes);
        Assert.Equal((OutcomeKind.Failed, errorId), (outcome.Kind, outcome.Error?.ErrorId));
        return outcome.Error!;
    }

    private protected Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> StartAsync(RunStartRules rules, params IRowChange<Guid>[] starts) =>
        Leo.Executions.StartAsync(rules, starts, Bulk.Each, Context, CancellationToken.None).OutcomesAsync();

    private protected Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> ChangeAsync(ExecutionStatus to, params ExecutionChange[] changes) =>
        Leo.Executions.ChangeAsync(ExecutionDatabase.MoveTo(to), changes, Bulk.Each, Context, CancellationToken.None).OutcomesAsync();

    private protected async Task<List<FlowExecution>> ReadRunsAsync(params Guid[] ids)
    {
        var query = new ExecutionQuery { Filter = new ExecutionFilter { Ids = ids } };
        return await RowsAsync(Leo.Executions.ReadAsync(query, Context, CancellationToken.None));
    }

    private protected static async Task<List<TRow>> RowsAsync<TRow>(IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> chunks)
        where TRow : class
    {
        var rows = new List<TRow>();
        await foreach (IReadOnlyList<ReadItem<TRow>> chunk in chunks)
        {
            AssertEach.Of(chunk, item => Assert.Null(item.Error));
            rows.AddRange(chunk.Select(item => item.Row));
        }

        return rows;
    }
}
