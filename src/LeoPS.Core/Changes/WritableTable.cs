namespace LeoPS.Changes;

/// <summary>Which columns of a table an edit may write.</summary>
/// <param name="Name">The table.</param>
/// <param name="Columns">The columns with parameters of their own.</param>
/// <param name="Fixed">Columns that no edit writes: what names the row, and what the server stamps.</param>
public sealed record WritableTable(string Name, IReadOnlyList<WritableColumn> Columns, IReadOnlyList<string> Fixed)
{
    private const string Additional = "-AdditionalColumns";

    /// <summary>Fails where -AdditionalColumns may not write a column, or the table does not have it.</summary>
    /// <param name="column">The column as it was given.</param>
    /// <param name="live">The columns that the table has.</param>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public void CheckAdditional(string column, IReadOnlyCollection<string> live)
    {
        if (Columns.FirstOrDefault(c => c.Names.Contains(column)) is { } own)
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, $"{Additional} names column {column}, which {own.Parameter} writes. Use that parameter.");
        }

        if (Fixed.Contains(column))
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, $"{Additional} names column {column}, which an edit does not change. Leave it out.");
        }

        if (!live.Contains(column))
        {
            throw new LeoException(
                LeoErrorId.ValueOutOfRange,
                $"{Additional} names '{LeoErrors.Short(column)}', and table {Name} has no such column. Columns are named as the database spells them; see AdditionalColumns of a row.");
        }
    }

    /// <summary>The names under which the table has a column.</summary>
    /// <exception cref="LeoException">ValueOutOfRange where it has none of them.</exception>
    public IReadOnlyList<string> LiveNames(WritableColumn column, IReadOnlyCollection<string> live)
    {
        ArgumentNullException.ThrowIfNull(column);
        string[] names = [.. column.Names.Where(live.Contains)];
        return names.Length > 0 ? names : throw new LeoException(
            LeoErrorId.ValueOutOfRange,
            $"Table {Name} has no column {string.Join(" or ", column.Names)}, which {column.Parameter} writes. Leave {column.Parameter} out, or add the column.");
    }

    /// <summary>Fails where nothing is to be written.</summary>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public void RequireAny(RowValues values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Given.Count == 0 && values.AdditionalColumns is null)
        {
            throw new LeoException(
                LeoErrorId.ValueOutOfRange, $"Nothing to change was given. Name at least one of {string.Join(", ", Columns.Select(c => c.Parameter))} and {Additional}.");
        }
    }
}
