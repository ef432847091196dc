namespace LeoPS.Handoffs;

/// <summary>What an edit does with what a column holds already.</summary>
/// <param name="Merge">True to merge the keys of JSON objects into it; false to replace the document.</param>
/// <param name="Append">True to add elements to it; false to replace the list.</param>
public sealed record EditRules(bool Merge, bool Append)
{
    /// <summary>True for a column that keeps what it holds and gets something added.</summary>
    public bool AddsTo(ContentColumn column) => (Merge && column.Kind == ContentKind.Json) || (Append && column.Kind == ContentKind.TextArray);

    /// <summary>Fails where nothing is to be written, or a value cannot be added to what is there.</summary>
    /// <param name="values">What is written to the content columns.</param>
    /// <param name="hasAdditional">True where additional columns are written too.</param>
    /// <returns>The values.</returns>
    /// <exception cref="LeoException">ValueOutOfRange, InvalidJson.</exception>
    public HandoffValues Check(HandoffValues values, bool hasAdditional = false)
    {
        if (values.Given == 0 && !hasAdditional)
        {
            throw new LeoException(
                LeoErrorId.ValueOutOfRange, $"Nothing to change was given. Name at least one of -{string.Join(", -", ContentColumn.All)} and -AdditionalColumns, or pipe rows that have such columns.");
        }

        foreach (ContentColumn column in ContentColumn.All.Where(c => values.Has(c) && AddsTo(c)))
        {
            if (values[column] is null)
            {
                string clears = column.Kind == ContentKind.Json ? "-Merge" : "-Append";
                throw new LeoException(LeoErrorId.ValueOutOfRange, $"{column} is null, and {clears} adds to what is there: nothing was given to add. Without {clears} a null clears the column.");
            }

            if (values[column] is string json && !IsObject(json))
            {
                throw JsonErrors.Fault(column.Property, "is JSON and no object, and -Merge merges the keys of an object. Without -Merge it replaces what is there.");
            }
        }

        return values.Check();
    }

    /// <summary>Why values cannot be added to what a row holds; null where they can.</summary>
    public LeoException? Obstacle(HandoffValues values, HandoffPreparation row, string label)
    {
        foreach (ContentColumn column in ContentColumn.All.Where(c => c.Raw is not null && values.Has(c) && AddsTo(c)))
        {
            if (column.Raw!(row) is { } json && !IsObject(json))
            {
                return JsonErrors.Fault(
                    $"{column} of handoff {label}", $"holds {Kind(json)} and no object, so that there are no keys to merge into. Without -Merge the new value replaces it.");
            }
        }

        return null;
    }

    private static bool IsObject(string json) => json.AsSpan().TrimStart().StartsWith("{");

    private static string Kind(string json) => json.AsSpan().TrimStart()[0] switch
    {
        '[' => "an array",
        '"' => "a string",
        'n' => "a JSON null",
        't' or 'f' => "a boolean",
        _ => "a number",
    };
}
