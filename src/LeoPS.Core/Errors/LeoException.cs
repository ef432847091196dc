namespace LeoPS;

/// <summary>A failure with its id. The message says what happened, to which row, and what to do; it never holds a secret.</summary>
public sealed class LeoException : Exception
{
    /// <summary>Creates a failure.</summary>
    /// <param name="errorId">The condition.</param>
    /// <param name="message">What happened, to which row, what to do. Where it repeats a text that somebody gave, and a connection string was pasted there, the secret is taken out.</param>
    /// <param name="sqlState">The server's five-character code; null where the server said nothing.</param>
    /// <param name="innerException">An exception that nothing here expected; null for every condition that has an id of its own.</param>
    public LeoException(LeoErrorId errorId, string message, string? sqlState = null, Exception? innerException = null)
        : base(Redaction.Redact(message), innerException)
    {
        ErrorId = errorId;
        SqlState = sqlState;
    }

    /// <summary>The condition.</summary>
    public LeoErrorId ErrorId { get; }

    /// <summary>The server's five-character code; null where the server said nothing.</summary>
    public string? SqlState { get; }

    /// <summary>True where a function of the database, most often a trigger's, raised it.</summary>
    internal bool IsOfFunction { get; init; }

    /// <summary>Ids that the failed row's batch did change; empty for anything that is not a row of a bulk change.</summary>
    public IReadOnlyList<object> ChangedIds { get; internal init; } = [];

    /// <summary>Ids that were on their way when the connection broke: nobody knows whether they were written. Empty for any other condition.</summary>
    public IReadOnlyList<object> UnknownIds { get; internal init; } = [];
}
