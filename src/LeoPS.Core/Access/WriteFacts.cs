namespace LeoPS.Access;

/// <summary>What the catalog says about a planned write.</summary>
/// <param name="Table">The table with its schema.</param>
/// <param name="Role">The role in force.</param>
/// <param name="IsReadOnly">True where the transaction cannot write at all; whatever made it so is looked up apart.</param>
/// <param name="IsGranted">True where the role has the right, to the table or to each column that is written.</param>
/// <param name="IsUpdatable">True where the relation takes the command: not every view and foreign table does.</param>
/// <param name="Generated">Columns among the given that the server alone writes.</param>
/// <param name="NotNull">Columns among the given that are NOT NULL and would become NULL.</param>
public sealed record WriteFacts(
    string Table, string Role, bool IsReadOnly, bool IsGranted, bool IsUpdatable, IReadOnlyList<string> Generated, IReadOnlyList<string> NotNull)
{
    /// <summary>Why a transaction that can write would be refused this, whatever the row is; null where nothing of this says so.</summary>
    /// <param name="command">What is done to the rows.</param>
    public LeoException? Obstacle(TableCommand command)
    {
        string word = command.ToString().ToUpperInvariant();
        return !IsGranted ? new LeoException(
                LeoErrorId.Forbidden, $"Role {Role} lacks the right to {word} on {Table}, so the server would refuse this. Its owner can grant it.", "42501")
            : !IsUpdatable ? new LeoException(
                LeoErrorId.DatabaseError, $"{Table} takes no {word}: it is a view without an INSTEAD OF trigger for it, or a foreign table that is not updatable.", "55000")
            : Generated.Count > 0 ? new LeoException(
                LeoErrorId.ValueOutOfRange, $"The server alone writes {string.Join(", ", Generated)} of {Table} (generated), and would refuse a value for it. Leave it out.", "428C9")
            : NotNull.Count > 0 ? new LeoException(
                LeoErrorId.ValueOutOfRange, $"Column {string.Join(", ", NotNull)} of {Table} is NOT NULL and gets no value, so the server would refuse the row.", "23502")
            : null;
    }

    /// <summary>A value that a CHECK refuses.</summary>
    public static LeoException Refused(TableConstraint check)
    {
        ArgumentNullException.ThrowIfNull(check);
        return new LeoException(LeoErrorId.ValueOutOfRange, $"The database would refuse these values; {check.Describe()} (23514).", "23514");
    }
}
