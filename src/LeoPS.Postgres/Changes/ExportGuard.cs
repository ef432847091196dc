using LeoPS.Ports;
using Npgsql;

namespace LeoPS.Postgres.Changes;

/// <summary>Keeps an export in step with the transaction whose rows it has: a line may be there for a row that still is, and never the other way round.</summary>
internal static class ExportGuard
{
    /// <summary>Runs work that writes to the export and then commits.</summary>
    public static async Task<T> RunAsync<TRow, T>(IRowExport<TRow> export, Func<Task<T>> work)
        where TRow : class
    {
        try
        {
            T result = await work().ConfigureAwait(false);
            export.Keep();
            return result;
        }
        catch (Exception e) when (e is LeoException or OperationCanceledException or PostgresException { InvariantSeverity: "ERROR" })
        {
            // The server, or we ourselves before COMMIT was sent, took the transaction back.
            export.TakeBack();
            throw;
        }
        catch
        {
            // Nobody knows whether the rows are gone.
            export.Keep();
            throw;
        }
    }
}
