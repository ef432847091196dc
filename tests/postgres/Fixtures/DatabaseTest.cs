using LeoPS.Changes;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A test class each of whose tests gets a database of its own.</summary>
[Collection(PostgresServerGroup.Name)]
public abstract class DatabaseTest<TDatabase>(Func<Task<TDatabase>> create) : IAsyncLifetime
    where TDatabase : class, IAsyncDisposable
{
    private TDatabase? _database;

    private protected TDatabase Database => _database!;

    public virtual async Task InitializeAsync() => _database = await create();

    public virtual async Task DisposeAsync() => await Database.DisposeAsync();

    /// <summary>The one failure among outcomes, all others being changes.</summary>
    private protected static ChangeOutcome<TRow> SingleFailure<TRow>(IEnumerable<ChangeOutcome<TRow>> outcomes, LeoErrorId errorId)
        where TRow : class
    {
        ChangeOutcome<TRow> failed = Assert.Single(outcomes, o => o.Kind != OutcomeKind.Changed);
        Assert.Equal((OutcomeKind.Failed, errorId), (failed.Kind, failed.Error?.ErrorId));
        Assert.Null(failed.Row);
        return failed;
    }
}
