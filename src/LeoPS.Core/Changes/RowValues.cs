using System.Globalization;

namespace LeoPS.Changes;

/// <summary>What an edit writes into one row. What is not given stays as it is; a given null writes NULL.</summary>
/// <param name="Given">The columns that parameters give, each with its value as text, of which the server makes the column's own type.</param>
/// <param name="AdditionalColumns">A JSON object with further columns of the table; null for none.</param>
public sealed record RowValues(IReadOnlyList<(WritableColumn Column, string? Value)> Given, string? AdditionalColumns)
{
    /// <summary>A percentage as a column takes it.</summary>
    /// <param name="parameter">The parameter that gives it.</param>
    /// <param name="percent">The value.</param>
    /// <exception cref="LeoException">ValueOutOfRange where it is not from 0 to 100.</exception>
    public static string Percentage(string parameter, int percent) => percent is >= 0 and <= 100
        ? percent.ToString(CultureInfo.InvariantCulture)
        : throw new LeoException(LeoErrorId.ValueOutOfRange, string.Create(CultureInfo.InvariantCulture, $"{parameter} is {percent}; it is a percentage from 0 to 100."));

    /// <summary>The columns, for questions.</summary>
    public override string ToString() =>
        string.Join(", ", Given.Select(g => g.Column.ToString()).Concat(AdditionalColumns is null ? [] : ["AdditionalColumns"]));
}
