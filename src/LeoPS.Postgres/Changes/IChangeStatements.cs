using LeoPS.Changes;
using LeoPS.Postgres.Statements;

namespace LeoPS.Postgres.Changes;

/// <summary>The two statements of a bulk status change, for one table.</summary>
internal interface IChangeStatements<TChange, TRow>
    where TChange : StatusChange<TRow>
    where TRow : class
{
    /// <summary>Writes the rows whose guard holds; returns each with its place in <paramref name="items"/>. All of them are Apart, or none is.</summary>
    Task<IReadOnlyList<Written<TRow>>> UpdateAsync(StatementScope scope, IReadOnlyList<BatchItem<TChange>> items, LockMode mode, CancellationToken cancellationToken);

    /// <summary>Reads rows by id in a new snapshot.</summary>
    Task<IReadOnlyDictionary<Guid, Seen<TRow>>> LookUpAsync(StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken);
}
