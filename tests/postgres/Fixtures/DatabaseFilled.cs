namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A database with many rows that look like real ones, analyzed; for the tests of one class that only read, or that say what they change.</summary>
/// <param name="create">Makes the database.</param>
/// <param name="fill">Inserts the rows and analyzes; gives their ids in ascending order.</param>
public abstract class DatabaseFilled<TDatabase>(Func<Task<TDatabase>> create, Func<TDatabase, Task<List<Guid>>> fill) : IAsyncLifetime
    where TDatabase : class, IAsyncDisposable
{
    private TDatabase? _database;

    /// <summary>The database.</summary>
    public TDatabase Database => _database!;

    /// <summary>All ids in ascending order.</summary>
    public IReadOnlyList<Guid> Ids { get; private set; } = [];

    public async Task InitializeAsync()
    {
        // A class fixture is made for skipped tests too.
        if (PostgresAvailability.MissingBecause is null)
        {
            _database = await create();
            Ids = await fill(_database);
        }
    }

    public async Task DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }
}
