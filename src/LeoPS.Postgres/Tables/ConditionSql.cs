using LeoPS.Postgres.Statements;
using LeoPS.Statuses;
using NpgsqlTypes;

namespace LeoPS.Postgres.Tables;

/// <summary>Conditions, all values as parameters.</summary>
internal static class ConditionSql
{
    /// <summary>The where of conditions that all have to hold; "where true" for none.</summary>
    /// <param name="conditions">The conditions.</param>
    /// <param name="last">One more; null for none.</param>
    public static string Where(IEnumerable<string> conditions, string? last = null) => $"where {All(conditions, last)}";

    /// <summary>Conditions that all have to hold, as one; "true" for none.</summary>
    /// <param name="conditions">The conditions.</param>
    /// <param name="last">One more; null for none.</param>
    public static string All(IEnumerable<string> conditions, string? last = null) =>
        string.Join("\n  and ", last is null ? conditions : conditions.Append(last)) is { Length: > 0 } all ? all : "true";

    /// <summary>The column, a UUID, is one of these.</summary>
    public static string IsOneOf(Statement statement, string column, IReadOnlyList<Guid> ids) =>
        $"{column} = any({statement.Add(ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid)})";

    /// <summary>The column, a text, has the name of one of these.</summary>
    public static string IsOneOf<TStatus>(Statement statement, string column, IReadOnlyList<TStatus> statuses)
        where TStatus : struct, Enum =>
        $"{column} = any({MoveSql.Texts(statement, statuses.Select(StatusNames<TStatus>.ToColumn))})";
}
