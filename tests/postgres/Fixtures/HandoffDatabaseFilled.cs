namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A database with many handoffs, all ready.</summary>
public abstract class HandoffDatabaseFilled(PostgresServer server, int rows) : DatabaseFilled<HandoffDatabase>(
    () => HandoffDatabase.CreateAsync(server),
    async database =>
    {
        List<Guid> ids = await database.InsertAsync(
            rows,
            "ready",
            ("quality_metrics", """jsonb_build_object('coverage', 60 + n % 40, 'lint', jsonb_build_object('errors', 0, 'warnings', n % 7))"""),
            ("test_results", """jsonb_build_object('unit', jsonb_build_object('passed', n % 400, 'failed', n % 3, 'skipped', 1))"""),
            ("deliverables_manifest", "array['src/component-' || n || '.tsx', 'tests/component-' || n || '.test.ts', 'docs/page.md']"),
            ("known_issues", "array['Slow on the first load of directive ' || n]"),
            ("post_implementation_notes", "repeat('What was left for later, and why. ', 4)"),
            ("prepared_at", "now() - n * interval '1 minute'"));
        await database.RunAsync("vacuum analyze exec_handoff_preparations");
        return ids;
    });
