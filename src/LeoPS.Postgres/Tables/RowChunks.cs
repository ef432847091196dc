using System.Runtime.CompilerServices;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.Postgres.Tables;

/// <summary>Reads a statement's rows in chunks.</summary>
internal static class RowChunks
{
    /// <summary>A chunk is handed over when it has this many rows or characters; the first ones sooner, so that output starts at once.</summary>
    private const int ChunkRows = 500;
    private const int ChunkCharacters = 1_000_000;

    /// <summary>Reads while the statement stays open.</summary>
    /// <param name="scope">Where it runs.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="make">Makes objects of its rows.</param>
    /// <param name="what">What they are, for the verbose stream.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> ReadAsync<TRow>(
        StatementScope scope, Statement statement, Func<NpgsqlDataReader, RowReader<TRow>> make, string what, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TRow : class
    {
        await using OpenStatement open = await scope.OpenAsync(statement, cancellationToken).ConfigureAwait(false);
        RowReader<TRow> rows = make(open.Reader);
        int size = 1;
        long total = 0;
        long characters = 0;
        var chunk = new List<ReadItem<TRow>>(size);
        while (await open.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            chunk.Add(rows.Read());
            total++;
            characters += rows.LastSize;
            if (chunk.Count >= size || characters >= ChunkCharacters)
            {
                yield return chunk;
                size = Math.Min(ChunkRows, size * 4);
                characters = 0;
                chunk = new List<ReadItem<TRow>>(size);
            }
        }

        if (chunk.Count > 0)
        {
            yield return chunk;
        }

        scope.Context.Log?.Invoke($"read {what}: {total} rows");
    }

    /// <summary>Reads a page to its end before any of it is handed over: no statement stays open while it is worked on.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> WholeAsync<TRow>(IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> page)
        where TRow : class
    {
        var chunks = new List<IReadOnlyList<ReadItem<TRow>>>();
        await foreach (IReadOnlyList<ReadItem<TRow>> chunk in page.ConfigureAwait(false))
        {
            chunks.Add(chunk);
        }

        foreach (IReadOnlyList<ReadItem<TRow>> chunk in chunks)
        {
            yield return chunk;
        }
    }
}
