namespace LeoPS.Postgres.Statements;

/// <summary>Names of columns as SQL text.</summary>
internal static class Identifier
{
    /// <summary>The name in quotes.</summary>
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
