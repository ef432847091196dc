namespace LeoPS.Postgres.Tables;

/// <summary>The parts that statements for figures have in common.</summary>
internal static class MeasureSql
{
    /// <summary>A clause with its items; empty where there are none.</summary>
    public static string List(string clause, IEnumerable<string> items) => string.Join(", ", items) is { Length: > 0 } list ? $"{clause} {list}" : "";

    /// <summary>A time where objects can hold it, and where no server refuses the difference of two: within the years 1 to 9999. Null elsewhere.</summary>
    public static string Usable(string column) =>
        $"case when {column} between timestamptz '0001-01-01 00:00:00Z' and timestamptz '9999-12-31 23:59:59.999999Z' then {column} end";
}
