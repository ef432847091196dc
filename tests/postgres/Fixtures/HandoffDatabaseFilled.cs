namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A database with many handoffs that look like real ones, analyzed; for the tests of one class that only read, or that say what they change.</summary>
public abstract class HandoffDatabaseFilled(PostgresServer server, int rows) : IAsyncLifetime
{
    private HandoffDatabase? _database;

    /// <summary>The database.</summary>
    public HandoffDatabase Database => _database!;

    /// <summary>All ids in ascending order.</summary>
    public IReadOnlyList<Guid> Ids { get; private set; } = [];

    public async Task InitializeAsync()
    {
        // A class fixture is made for skipped tests too.
        if (PostgresAvailability.MissingBecause is null)
        {
            _database = await HandoffDatabase.CreateAsync(server);
            Ids = await _database.InsertAsync(
                rows,
                "ready",
                ("quality_metrics", """jsonb_build_object('coverage', 60 + n % 40, 'lint', jsonb_build_object('errors', 0, 'warnings', n % 7))"""),
                ("test_results", """jsonb_build_object('unit', jsonb_build_object('passed', n % 400, 'failed', n % 3, 'skipped', 1))"""),
                ("deliverables_manifest", "array['src/component-' || n || '.tsx', 'tests/component-' || n || '.test.ts', 'docs/page.md']"),
                ("known_issues", "array['Slow on the first load of directive ' || n]"),
                ("post_implementation_notes", "repeat('What was left for later, and why. ', 4)"),
                ("prepared_at", "now() - n * interval '1 minute'"));
            await _database.RunAsync("vacuum analyze exec_handoff_preparations");
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
