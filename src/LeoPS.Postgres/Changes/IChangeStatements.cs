using LeoPS.Postgres.Statements;
using LeoPS.Reading;

namespace LeoPS.Postgres.Changes;

/// <summary>The two statements of a bulk change, for one table.</summary>
internal interface IChangeStatements<TRow>
    where TRow : class
{
    /// <summary>Writes the rows whose guard holds; returns each with its place in <paramref name="rows"/>.</summary>
    Task<IReadOnlyList<(int At, ReadItem<TRow> Item)>> UpdateAsync(StatementScope scope, IReadOnlyList<GuardedChange<TRow>> rows, LockMode mode, CancellationToken cancellationToken);

    /// <summary>Reads rows by id in a new snapshot, with whether a transaction holds or held a lock on each.</summary>
    Task<IReadOnlyDictionary<Guid, (TRow Row, bool Held)>> LookUpAsync(StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken);
}
