using LeoPS.Changes;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>Bulk operations as most tests want them.</summary>
public static class Bulk
{
    /// <summary>All rows in one statement, each by itself.</summary>
    public static readonly BulkOptions Each = new(10_000);

    /// <summary>What came of each row.</summary>
    public static async Task<IReadOnlyList<ChangeOutcome<TRow>>> OutcomesAsync<TRow>(this Task<BulkResult<TRow>> result)
        where TRow : class => (await result).Outcomes;
}
