using System.Globalization;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;
using NpgsqlTypes;

namespace LeoPS.Postgres.Tables;

/// <summary>Order and place of a reading: ties by id in the same direction, nulls last.</summary>
internal static class KeysetSql
{
    private static readonly TimeSpan _longestAge = TimeSpan.FromDays(2000 * 365);

    /// <summary>The order.</summary>
    /// <param name="column">The order column with its alias; the id for the order by id.</param>
    /// <param name="id">The id with its alias.</param>
    /// <param name="descending">Largest first.</param>
    public static string OrderBy(string column, string id, bool descending)
    {
        string direction = descending ? " desc" : "";
        return column == id ? $"order by {id}{direction}" : $"order by {column}{direction} nulls last, {id}{direction}";
    }

    /// <summary>How many rows, and how many to leave out; <see cref="long.MaxValue"/> and 0 say nothing.</summary>
    public static string Limit(Statement statement, long rows, long skip)
    {
        string limit = rows == long.MaxValue ? "" : $"limit {statement.Add(rows, NpgsqlDbType.Bigint)} ";
        return skip == 0 ? limit : $"{limit}offset {statement.Add(skip, NpgsqlDbType.Bigint)}";
    }

    /// <summary>An id as a value: a UUID or a text, as its table has it.</summary>
    public static string Id(Statement statement, object id) => statement.Add(id, id is Guid ? NpgsqlDbType.Uuid : NpgsqlDbType.Text);

    /// <summary>A duration before now. Further back than two thousand years the server may have no time to compare with.</summary>
    public static string Age(Statement statement, TimeSpan age) => statement.Add(age < _longestAge ? age : _longestAge, NpgsqlDbType.Interval);

    /// <summary>A time as text that the server reads to the microsecond, whatever the culture here and the settings there.</summary>
    public static string TimeText(DateTimeOffset time) => string.Create(CultureInfo.InvariantCulture, $"{time.UtcDateTime:yyyy-MM-dd HH:mm:ss.ffffff}Z");

    /// <summary>The rows that come after a place in the order.</summary>
    /// <param name="column">The order column with its alias; the id for the order by id.</param>
    /// <param name="type">The type to compare the column as.</param>
    /// <param name="id">The id with its alias.</param>
    /// <param name="descending">Largest first.</param>
    /// <param name="place">The place; its key is known where the order needs one.</param>
    /// <param name="statement">Takes the values.</param>
    public static string After(string column, string type, string id, bool descending, ResumePoint place, Statement statement)
    {
        string beyond = descending ? "<" : ">";
        string idValue = Id(statement, place.Id);
        if (column == id)
        {
            return $"{id} {beyond} {idValue}";
        }

        if (place.Key is null)
        {
            return $"({column} is null and {id} {beyond} {idValue})";
        }

        // Keys travel as text: the driver would turn the earliest time into -infinity, and the server's may be ones that no object holds.
        string text = place.Key is DateTimeOffset time ? TimeText(time) : Convert.ToString(place.Key, CultureInfo.InvariantCulture)!;
        string keyValue = statement.Add(text, NpgsqlDbType.Text) + (type == "text" ? "" : $"::{type}");
        return $"({column} {beyond} {keyValue} or ({column} = {keyValue} and {id} {beyond} {idValue}) or {column} is null)";
    }
}
