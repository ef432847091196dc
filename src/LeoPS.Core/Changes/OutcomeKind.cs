namespace LeoPS.Changes;

/// <summary>How a row's change ended.</summary>
public enum OutcomeKind
{
    /// <summary>The row was written.</summary>
    Changed,

    /// <summary>The row was already as asked for; nothing was written.</summary>
    Unchanged,

    /// <summary>The row was not written; the error says why.</summary>
    Failed,
}
