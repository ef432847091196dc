using Npgsql;

namespace LeoPS.Postgres.Statements;

/// <summary>Reads plain results.</summary>
internal static class Results
{
    /// <summary>The first column of the first row, a bigint.</summary>
    public static async Task<long> CountAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return reader.GetInt64(0);
    }

    /// <summary>The first column of every row, a UUID.</summary>
    public static async Task<IReadOnlyList<Guid>> IdsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var ids = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            ids.Add(reader.GetGuid(0));
        }

        return ids;
    }

    /// <summary>The first column of every row, a text.</summary>
    public static async Task<IReadOnlyList<string>> TextsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var texts = new List<string>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    }
}
