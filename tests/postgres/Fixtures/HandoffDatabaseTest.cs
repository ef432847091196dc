using LeoPS.Changes;
using LeoPS.Ports;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A test class each of whose tests gets a database with a directive and a session.</summary>
public abstract class HandoffDatabaseTest(PostgresServer server) : DatabaseTest<HandoffDatabase>(() => HandoffDatabase.CreateAsync(server))
{
    private protected IHandoffStore Store => Database.Store;

    /// <summary>Moves rows in one batch.</summary>
    private protected Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> ChangeAsync(
        StatusMove<HandoffStatus> move, IEnumerable<StatusChange<HandoffPreparation>> changes, CallContext? context = null, IHandoffStore? store = null) =>
        (store ?? Store).ChangeAsync(move, [.. changes], Bulk.Each, context ?? HandoffDatabase.Context, CancellationToken.None).OutcomesAsync();

    /// <summary>A context whose waits are short.</summary>
    private protected static CallContext Waiting(TimeSpan lockTimeout) => HandoffDatabase.Context with { LockTimeout = lockTimeout };
}
