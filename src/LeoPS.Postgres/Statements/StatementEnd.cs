namespace LeoPS.Postgres.Statements;

/// <summary>How far a statement came.</summary>
internal enum StatementEnd
{
    /// <summary>The server never saw it.</summary>
    NotSent,

    /// <summary>It was read to its end.</summary>
    Finished,

    /// <summary>It failed, or was given up in the middle.</summary>
    BrokenOff,
}
