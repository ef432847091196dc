namespace LeoPS.Postgres.Tables;

/// <summary>A text[] as one text: unnest would flatten an array of arrays.</summary>
internal static class ArrayLiteral
{
    public static string Of(IEnumerable<string?> items) => $"{{{string.Join(',', items.Select(Element))}}}";

    private static string Element(string? item) =>
        item is null ? "NULL" : $"\"{item.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
