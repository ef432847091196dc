using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.Reading;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A database with the schema installed, one directive and one session.</summary>
public sealed class HandoffDatabase : StoreDatabase<HandoffPreparation, HandoffQuery>
{
    /// <summary>The id of the one directive; its key is <see cref="SdKey"/>.</summary>
    public const string SdId = "SD-BASE-001";

    /// <summary>The key of the one directive.</summary>
    public const string SdKey = "BASE-KEY";

    private HandoffDatabase(PostgresServer server, string name, ILeoDatabase database)
        : base(server, name, database, "exec_handoff_preparations")
    {
    }

    /// <summary>The id of the one session.</summary>
    public static Guid SessionId { get; } = Guid.Parse("11111111-2222-3333-4444-555555555555");

    /// <summary>The store under test.</summary>
    public IHandoffStore Store => Database.Handoffs;

    /// <summary>A copy of the template.</summary>
    public static async Task<HandoffDatabase> CreateAsync(PostgresServer server)
    {
        (string name, ILeoDatabase database) = await CopyAsync(server, $"""
            insert into strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
            values ('{SdId}', '{SdKey}', 'The base', 'active', 'c', 'high', 'd', 'r', 's');
            insert into exec_implementation_sessions (id, sd_id, implementation_type) values ('{SessionId}', '{SdId}', 'GENERAL_FEATURE');
            """);
        return new HandoffDatabase(server, name, database);
    }

    /// <summary>The move to a status, by the one table.</summary>
    public static StatusMove<HandoffStatus> MoveTo(HandoffStatus target, bool force = false, string? reason = null) =>
        new(HandoffTransitions.Table, target, force, reason);

    /// <summary>A change that carries the whole object.</summary>
    public static StatusChange<HandoffPreparation> Of(HandoffPreparation row) => new(row.Id, row.Guard, row, row);

    /// <summary>A change by id alone.</summary>
    public static StatusChange<HandoffPreparation> Of(Guid id) => new(id, null, null, id);

    /// <summary>Inserts handoffs of the one session that differ in nothing but their ids.</summary>
    /// <param name="set">Further columns and their SQL values, in which n counts from 1.</param>
    /// <returns>The ids in ascending order.</returns>
    public async Task<List<Guid>> InsertAsync(int count, string status = "ready", params (string Column, string Value)[] set)
    {
        string columns = string.Concat(set.Select(s => $", {s.Column}"));
        string values = string.Concat(set.Select(s => $", {s.Value}"));
        // Without the foreign keys' triggers: what is inserted here is known to be right, and large sets come in seconds.
        return await ColumnAsync<Guid>($"""
            set session_replication_role = replica;
            with added as (
                insert into exec_handoff_preparations (session_id, sd_id, handoff_status, implementation_summary{columns})
                select '{SessionId}', '{SdId}', '{status}', 'Summary ' || n{values} from generate_series(1, {count}) n
                returning id
            )
            select id from added order by id
            """);
    }

    private protected override IAsyncEnumerable<IReadOnlyList<ReadItem<HandoffPreparation>>> Stream(ILeoDatabase database, HandoffQuery query) =>
        database.Handoffs.ReadAsync(query, Context, CancellationToken.None);

    private protected override HandoffQuery QueryOf(Guid id) => new() { Filter = new HandoffFilter { Ids = [id] } };
}
