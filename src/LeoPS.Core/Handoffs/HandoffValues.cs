using LeoPS.Access;
using LeoPS.Text;

namespace LeoPS.Handoffs;

/// <summary>
/// What is written to the content columns of one handoff. A column that was given null becomes NULL; one that was not given is left as
/// it is, or gets its default. Whoever makes one fills it and then leaves it as it is.
/// </summary>
public sealed class HandoffValues
{
    private readonly object?[] _values = new object?[ContentColumn.All.Count];

    /// <summary>The columns that were given, as <see cref="ContentColumn.Bit"/>s.</summary>
    public int Given { get; private set; }

    /// <summary>The value of a column: a string; JSON text; or a list of strings that may be null. Null where it was not given, too. Setting it gives it.</summary>
    public object? this[ContentColumn column]
    {
        get => _values[column.Index];
        set
        {
            _values[column.Index] = value;
            Given |= column.Bit;
        }
    }

    /// <summary>True where a value, or null, was given for a column.</summary>
    public bool Has(ContentColumn column) => (Given & column.Bit) != 0;

    /// <summary>The arrays and JSON texts that were given, by column, as JSON texts.</summary>
    public IEnumerable<(string Column, string? Json)> Structured => ContentColumn.All
        .Where(c => c.Kind != ContentKind.Text && Has(c))
        .Select(c => (c.Name, this[c] is IReadOnlyList<string?> items ? PlannedWrite.ArrayOf(items) : (string?)this[c]));

    /// <summary>Fails where a column cannot hold what was given for it.</summary>
    /// <returns>These values.</returns>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public HandoffValues Check()
    {
        if (Has(ContentColumn.ImplementationSummary) && string.IsNullOrWhiteSpace((string?)this[ContentColumn.ImplementationSummary]))
        {
            throw NoSummary();
        }

        foreach (ContentColumn column in ContentColumn.All)
        {
            switch (_values[column.Index])
            {
                // JSON was looked at when it was built.
                case string text when column.Kind == ContentKind.Text:
                    StoredText.RequireStorable(column.Property, text);
                    break;
                case IReadOnlyList<string?> items:
                    foreach (string? item in items)
                    {
                        StoredText.RequireStorable(column.Property, item);
                    }

                    break;
            }
        }

        return this;
    }

    /// <summary>A handoff whose summary is missing, empty or blank.</summary>
    internal static LeoException NoSummary() => new(
        LeoErrorId.ValueOutOfRange, $"The implementation summary is empty, and PLAN reads it first. Say what was built, with -{ContentColumn.ImplementationSummary} or a column of that name.");
}
