using LeoPS.Changes;
using LeoPS.Ports;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A test class each of whose tests gets a database of its own.</summary>
[Collection(PostgresServerGroup.Name)]
public abstract class HandoffDatabaseTest(PostgresServer server) : IAsyncLifetime
{
    private HandoffDatabase? _database;

    private protected HandoffDatabase Database => _database!;

    private protected IHandoffStore Store => Database.Store;

    public virtual async Task InitializeAsync() => _database = await HandoffDatabase.CreateAsync(server);

    public virtual async Task DisposeAsync() => await Database.DisposeAsync();

    /// <summary>Moves rows in one batch.</summary>
    private protected Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> ChangeAsync(
        StatusMove<HandoffStatus> move, IEnumerable<StatusChange<HandoffPreparation>> changes, CallContext? context = null, IHandoffStore? store = null) =>
        (store ?? Store).ChangeAsync(move, [.. changes], context ?? HandoffDatabase.Context, CancellationToken.None);

    /// <summary>The one failure among outcomes, all others being changes.</summary>
    private protected static ChangeOutcome<HandoffPreparation> SingleFailure(IEnumerable<ChangeOutcome<HandoffPreparation>> outcomes, LeoErrorId errorId)
    {
        ChangeOutcome<HandoffPreparation> failed = Assert.Single(outcomes, o => o.Kind != OutcomeKind.Changed);
        Assert.Equal((OutcomeKind.Failed, errorId), (failed.Kind, failed.Error?.ErrorId));
        Assert.Null(failed.Row);
        return failed;
    }

    /// <summary>A context whose waits are short.</summary>
    private protected static CallContext Waiting(TimeSpan lockTimeout) => HandoffDatabase.Context with { LockTimeout = lockTimeout };
}
