using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.Reading;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A database with the schema installed and one active flow.</summary>
public sealed class ExecutionDatabase : StoreDatabase<FlowExecution, ExecutionQuery>
{
    /// <summary>The key of the one flow.</summary>
    public const string FlowKey = "base-flow";

    /// <summary>The name of the one flow.</summary>
    public const string FlowName = "The base flow";

    private ExecutionDatabase(PostgresServer server, string name, ILeoDatabase database)
        : base(server, name, database, "crewai_flow_executions")
    {
    }

    /// <summary>The id of the one flow.</summary>
    public static Guid FlowId { get; } = Guid.Parse("77777777-2222-3333-4444-555555555555");

    /// <summary>The store under test.</summary>
    public IExecutionStore Store => Database.Executions;

    /// <summary>A copy of the template.</summary>
    public static async Task<ExecutionDatabase> CreateAsync(PostgresServer server)
    {
        (string name, ILeoDatabase database) = await CopyAsync(
            server, $"insert into crewai_flows (id, flow_key, flow_name, flow_definition, status) values ('{FlowId}', '{FlowKey}', '{FlowName}', '{"{}"}', 'active')");
        return new ExecutionDatabase(server, name, database);
    }

    /// <summary>The move to a status, by the one table.</summary>
    public static StatusMove<ExecutionStatus> MoveTo(ExecutionStatus target, bool force = false) => new(ExecutionTransitions.Table, target, force, null);

    /// <summary>A change that carries the whole object.</summary>
    public static ExecutionChange Of(FlowExecution row, RunValues? values = null) => new(row.Id, row.Guard, row, row, values ?? RunValues.None);

    /// <summary>A change by id alone.</summary>
    public static ExecutionChange Of(Guid id, RunValues? values = null) => new(id, null, null, id, values ?? RunValues.None);

    /// <summary>Rules by which runs start at once.</summary>
    public static RunStartRules Starting(KeyConflict onConflict = KeyConflict.Fail, bool force = false) => new(ExecutionStatus.Running, onConflict, force);

    /// <summary>A new run of a flow; its source is its own id.</summary>
    public static RunStart Run(string? flowKey = FlowKey, string? executionKey = null, RunValues? values = null, Guid? flowId = null)
    {
        var id = Guid.NewGuid();
        return new RunStart { Id = id, FlowKey = flowKey, FlowId = flowId, ExecutionKey = executionKey, Values = values ?? RunValues.None, Source = id }.Check();
    }

    /// <summary>Adds a flow.</summary>
    /// <param name="status">The status; null for none.</param>
    /// <returns>Its id.</returns>
    public Task<Guid> AddFlowAsync(string key, string? status = "active", string createdBy = "null") => ScalarAsync<Guid>($"""
        insert into crewai_flows (flow_key, flow_name, flow_definition, status, created_by)
        values ('{key.Replace("'", "''", StringComparison.Ordinal)}', 'Flow', '{"{}"}', {(status is null ? "null" : $"'{status}'")}, {createdBy}) returning id
        """);

    /// <summary>Inserts executions of the one flow that differ in nothing but their ids and keys.</summary>
    /// <param name="set">Further columns and their SQL values, in which n counts from 1.</param>
    /// <returns>The ids in ascending order.</returns>
    public async Task<List<Guid>> InsertAsync(int count, string? status = "running", params (string Column, string Value)[] set)
    {
        (string Column, string Value)[] all =
        [
            ("flow_id", $"'{FlowId}'"), ("execution_key", "'K-' || gen_random_uuid()"), ("status", status is null ? "null" : $"'{status}'"),
        ];
        all = [.. all.Where(a => !set.Any(s => s.Column == a.Column)), .. set];
        // Without the triggers: the counter would be quadratic, and rows of every kind may be put in.
        return await ColumnAsync<Guid>($"""
            set session_replication_role = replica;
            with added as (
                insert into crewai_flow_executions ({string.Join(", ", all.Select(a => a.Column))})
                select {string.Join(", ", all.Select(a => a.Value))} from generate_series(1, {count}) n
                returning id
            )
            select id from added order by id
            """);
    }

    private protected override IAsyncEnumerable<IReadOnlyList<ReadItem<FlowExecution>>> Stream(ILeoDatabase database, ExecutionQuery query) =>
        database.Executions.ReadAsync(query, Context, CancellationToken.None);

    private protected override ExecutionQuery QueryOf(Guid id) => new() { Filter = new ExecutionFilter { Ids = [id] } };
}
