using LeoPS.Statuses;
using Npgsql;

namespace LeoPS.Postgres.Tables;

/// <summary>Makes measures of the rows of a statement, by the names of their columns.</summary>
/// <param name="reader">The rows.</param>
/// <param name="noun">What is measured, as messages call one of them.</param>
internal abstract class MeasureReader<TMeasure>(NpgsqlDataReader reader, string noun)
    where TMeasure : class
{
    /// <summary>The measures, in the order of the rows.</summary>
    /// <exception cref="LeoException">UnreadableRow.</exception>
    public async Task<IReadOnlyList<TMeasure>> AllAsync(CancellationToken cancellationToken)
    {
        var measures = new List<TMeasure>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            measures.Add(Make());
        }

        return measures;
    }

    /// <summary>The measure of the row that the reader stands on.</summary>
    protected abstract TMeasure Make();

    protected string? Text(string column) => Has(column) ? reader.GetString(At(column)) : null;

    protected Guid? Id(string column) => Has(column) ? reader.GetGuid(At(column)) : null;

    protected long Count(string column) => reader.GetInt64(At(column));

    protected long? CountOrNull(string column) => Has(column) ? Count(column) : null;

    protected double? Number(string column) => Has(column) ? reader.GetDouble(At(column)) : null;

    protected DateTimeOffset? Time(string column) => RowReader<TMeasure>.Time(reader, At(column));

    /// <summary>Seconds as a time, to the microsecond, as the server's times are.</summary>
    protected TimeSpan? Span(string column) => Span(Number(column));

    /// <summary>Several times in one column; each null where there are none.</summary>
    protected TimeSpan?[] Spans(string column, int count) =>
        Array.ConvertAll(Has(column) ? reader.GetFieldValue<double?[]>(At(column)) : new double?[count], Span);

    /// <exception cref="LeoException">UnreadableRow where it is larger than a decimal holds.</exception>
    protected decimal? Money(string column)
    {
        try
        {
            return Has(column) ? reader.GetDecimal(At(column)) : null;
        }
        catch (Exception e) when (e is InvalidCastException or OverflowException)
        {
            throw new LeoException(LeoErrorId.UnreadableRow, $"The sum of {column} is larger than a decimal holds. Measure fewer runs, or correct the values with SQL.");
        }
    }

    /// <summary>The status that a group has.</summary>
    /// <param name="column">The column.</param>
    /// <param name="of">The column of the table.</param>
    /// <param name="parameter">The parameter that leaves groups out.</param>
    /// <exception cref="LeoException">UnreadableRow where it is none that is known.</exception>
    protected TStatus? Name<TStatus>(string column, string of, string parameter)
        where TStatus : struct, Enum =>
        Text(column) is not { } text ? null
        : StatusNames<TStatus>.TryFromColumn(text, out TStatus known) ? known
        : throw new LeoException(
            LeoErrorId.UnreadableRow,
            $"There are {noun}s whose {of} is not one of {StatusNames<TStatus>.List}, and they cannot be grouped by it. Leave them out with {parameter}, or correct the value with SQL.");

    private static TimeSpan? Span(double? seconds) =>
        seconds is { } value ? TimeSpan.FromTicks((long)Math.Round(value * 1_000_000) * TimeSpan.TicksPerMicrosecond) : null;

    private int At(string column) => reader.GetOrdinal(column);

    private bool Has(string column) => !reader.IsDBNull(At(column));
}
