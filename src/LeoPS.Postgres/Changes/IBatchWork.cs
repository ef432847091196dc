using LeoPS.Access;
using LeoPS.Changes;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.Postgres.Changes;

/// <summary>The two steps of a batch, for one kind of change: write what can be written, then judge what was not.</summary>
internal interface IBatchWork<TChange, TRow>
    where TChange : class, IRowChange
    where TRow : class
{
    /// <summary>What a row is called in messages.</summary>
    string Noun { get; }

    /// <summary>What is done to the rows, for messages about rights and policies.</summary>
    TableCommand Command => TableCommand.Update;

    /// <summary>The columns that LeoPS does not know and that this work writes; null for none.</summary>
    AdditionalColumnBatch<TChange>? Additional => null;

    /// <summary>The order in which items go out; by id, so that two batches rarely lock the same rows in opposite order.</summary>
    IEnumerable<BatchItem<TChange>> InOrder(IEnumerable<BatchItem<TChange>> items) => items.OrderBy(i => i.Change.Key, RowKeyOrder.Instance);

    /// <summary>The parts that a batch is written in where something that it needs is held: each is a statement of its own, and what one of them did is not lost by the next.</summary>
    IReadOnlyList<BatchItem<TChange>[]> PartsBesideHeld(BatchItem<TChange>[] items) => [items];

    /// <summary>Writes what can be written, in one statement; what it does not return was not written.</summary>
    Task<IReadOnlyList<Written<TRow>>> WriteAsync(StatementScope scope, IReadOnlyList<BatchItem<TChange>> items, LockMode mode, CancellationToken cancellationToken);

    /// <summary>Looks at what was not written, in a new snapshot, and decides: one judgement per item, in the order given.</summary>
    /// <param name="scope">Where the look runs.</param>
    /// <param name="left">What was not written.</param>
    /// <param name="skippedHeld">True where rows that another transaction holds were passed over.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<IReadOnlyList<Judgement<TChange, TRow>>> JudgeAsync(
        StatementScope scope, IReadOnlyList<BatchItem<TChange>> left, bool skippedHeld, CancellationToken cancellationToken);

    /// <summary>What the database's refusal of one row means here; null where there is nothing better to say than what the server said.</summary>
    LeoException? Explain(PostgresException refusal) => null;
}
