using NpgsqlTypes;

namespace LeoPS.Postgres.Tables;

/// <summary>The values of several rows for one column.</summary>
internal static class ColumnArray
{
    /// <summary>The values as an array of the type that they travel as.</summary>
    public static Array Of(NpgsqlDbType type, IEnumerable<object?> values) => type switch
    {
        NpgsqlDbType.Integer => values.Select(v => (int?)v).ToArray(),
        NpgsqlDbType.Numeric => values.Select(v => (decimal?)v).ToArray(),
        NpgsqlDbType.Boolean => values.Select(v => (bool?)v).ToArray(),
        NpgsqlDbType.Uuid => values.Select(v => (Guid?)v).ToArray(),
        _ => values.Select(v => (string?)v).ToArray(),
    };
}
