using LeoPS.Directives;
using LeoPS.Executions;
using LeoPS.Flows;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.Postgres.Directives;
using LeoPS.Postgres.Executions;
using LeoPS.Postgres.Flows;
using LeoPS.Postgres.Handoffs;
using LeoPS.Postgres.Sessions;
using LeoPS.Reading;
using LeoPS.Sessions;

namespace LeoPS.Postgres.Connections;

/// <summary>Reads one row of each table by the same statements and readers as the cmdlets, as the role of the connection.</summary>
internal static class ReadTest
{
    /// <summary>The tables of which no row can be read, each with the reason; a table without visible rows can be read.</summary>
    /// <param name="stores">The stores.</param>
    /// <param name="tables">The tables to read; others are passed over.</param>
    /// <param name="context">Who calls.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="LeoException">ConnectionLost, ConnectionFailed.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(Stores stores, IReadOnlyCollection<string> tables, CallContext context, CancellationToken cancellationToken)
    {
        var readers = new (string Table, Func<Task<LeoException?>> Read)[]
        {
            (HandoffColumns.Table, () => ReadOneAsync(stores.Handoffs.ReadAsync(new HandoffQuery { First = 1 }, context, cancellationToken))),
            (ExecutionColumns.Table, () => ReadOneAsync(stores.Executions.ReadAsync(new ExecutionQuery { First = 1 }, context, cancellationToken))),
            (DirectiveColumns.Table, () => ReadOneAsync(stores.Directives.ReadAsync(new DirectiveQuery { First = 1 }, context, cancellationToken))),
            (SessionColumns.Table, () => ReadOneAsync(stores.Sessions.ReadAsync(new SessionQuery { First = 1 }, context, cancellationToken))),
            (FlowColumns.Table, () => ReadOneAsync(stores.Flows.ReadAsync(new FlowQuery { First = 1 }, context, cancellationToken))),
        };
        var failures = new List<string>();
        foreach ((string table, Func<Task<LeoException?>> read) in readers.Where(r => tables.Contains(r.Table)))
        {
            if (await read().ConfigureAwait(false) is { } failure)
            {
                failures.Add($"{table}: {failure.Message}");
            }
        }

        return failures;
    }

    /// <summary>Why the first row cannot be read; null where it can, or there is none.</summary>
    private static async Task<LeoException?> ReadOneAsync<TRow>(IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> chunks)
        where TRow : class
    {
        try
        {
            await foreach (IReadOnlyList<ReadItem<TRow>> chunk in chunks.ConfigureAwait(false))
            {
                return chunk[0].Error;
            }

            return null;
        }
        catch (LeoException failure) when (failure.ErrorId is not (LeoErrorId.ConnectionLost or LeoErrorId.ConnectionFailed or LeoErrorId.AuthenticationFailed))
        {
            return failure;
        }
    }
}
