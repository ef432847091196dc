using LeoPS.Changes;

namespace LeoPS.Postgres.Changes;

/// <summary>What a second look made of an item that was not written: exactly one of its three parts is there.</summary>
/// <param name="There">The row, which is as asked for already.</param>
/// <param name="Error">Why it failed for good.</param>
/// <param name="Again">The item for another round.</param>
internal readonly record struct Judgement<TChange, TRow>(TRow? There, LeoException? Error, BatchItem<TChange>? Again)
    where TChange : class, IRowChange
    where TRow : class;
