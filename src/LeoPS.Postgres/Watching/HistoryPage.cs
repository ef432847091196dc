using LeoPS.Reading;

namespace LeoPS.Postgres.Watching;

/// <summary>A page of changes.</summary>
/// <param name="Items">The rows, one for each change.</param>
/// <param name="Next">The place behind it.</param>
internal sealed record HistoryPage<TRow>(IReadOnlyList<ReadItem<TRow>> Items, HistoryPlace Next)
    where TRow : class;
