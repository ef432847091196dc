using LeoPS.Changes;
using LeoPS.Postgres.Statements;

namespace LeoPS.Postgres.Changes;

/// <summary>What a bulk removal needs to know of its table.</summary>
internal interface IRemovalStatements<TRow>
    where TRow : class
{
    /// <summary>What a row is called in messages.</summary>
    string Noun { get; }

    /// <summary>Deletes the rows whose guard holds and that may be deleted; gives each as it was, with its place in <paramref name="items"/>.</summary>
    Task<IReadOnlyList<Written<TRow>>> DeleteAsync(StatementScope scope, IReadOnlyList<BatchItem<RowRemoval>> items, LockMode mode, CancellationToken cancellationToken);

    /// <summary>Reads rows by id in a new snapshot.</summary>
    Task<IReadOnlyDictionary<Guid, Seen<TRow>>> LookUpAsync(StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken);

    /// <summary>Why a row is not deleted, whoever asks; null for nothing.</summary>
    LeoException? Obstacle(TRow row) => null;
}
