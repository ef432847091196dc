namespace LeoPS.Postgres.Statements;

/// <summary>How an update takes its row locks.</summary>
internal enum LockMode
{
    /// <summary>As the update meets the rows. Fastest; two opposed updates may deadlock, which is retried in order.</summary>
    AsMet,

    /// <summary>All of them first, in id order: two such updates never deadlock.</summary>
    InOrder,

    /// <summary>In id order, passing over rows that another transaction holds.</summary>
    SkipHeld,
}
