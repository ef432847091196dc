using System.Diagnostics;
using LeoPS.Ports;
using LeoPS.Postgres.Access;
using LeoPS.Postgres.Connections;
using LeoPS.Schema;
using Npgsql;

namespace LeoPS.Postgres.Schema;

/// <summary>Installs the tables from this assembly's SQL files, compares a database with them, fills in sample rows.</summary>
/// <param name="source">Where connections come from; not disposed here.</param>
/// <param name="settings">Who it is for, the timeouts, and whether writing is allowed at all.</param>
internal sealed class SchemaStore(ConnectionSource source, ConnectionSettings settings) : ISchemaStore
{
    private readonly string _role = settings.Role ?? settings.UserName ?? "";

    /// <inheritdoc/>
    /// <exception cref="LeoException">RowLocked where another installation does not end within the lock timeout.</exception>
    public Task<SchemaInstallReport> InstallAsync(CallContext context, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync(() => WriteAsync(() => InstallNowAsync(withHistory: false, context, cancellationToken), context, cancellationToken), _role, cancellationToken);

    /// <inheritdoc/>
    public Task<SchemaInstallReport> InstallWithHistoryAsync(CallContext context, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync(() => WriteAsync(() => InstallNowAsync(withHistory: true, context, cancellationToken), context, cancellationToken), _role, cancellationToken);

    private async Task<SchemaInstallReport> InstallNowAsync(bool withHistory, CallContext context, CancellationToken cancellationToken)
    {
        RefuseIfReadOnly("Installing the schema");
        var clock = Stopwatch.StartNew();
        var transaction = await SchemaTransaction.BeginAsync(source, settings, context, cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            await LockAsync(transaction, context, cancellationToken).ConfigureAwait(false);
            var report = await new SchemaInstaller(transaction, cancellationToken)
                .RunAsync(SchemaFiles.Statements(SchemaFiles.Installation)).ConfigureAwait(false);
            if (withHistory)
            {
                var history = await new HistoryInstaller(transaction, cancellationToken).RunAsync().ConfigureAwait(false);
                report = new SchemaInstallReport([.. report.Created, .. history.Created], [.. report.Warnings, .. history.Warnings]);
            }

            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            context.Log?.Invoke($"schema installation: {report.Created.Count} objects created, {report.Warnings.Count} warnings, "
                + $"{transaction.RoundTrips} round trips, {clock.ElapsedMilliseconds} ms");
            return report;
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<SchemaItem>> CompareAsync(CallContext context, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync(() => CompareNowAsync(context, cancellationToken), _role, cancellationToken);

    private async Task<IReadOnlyList<SchemaItem>> CompareNowAsync(CallContext context, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var transaction = await SchemaTransaction.BeginAsync(source, settings, context, cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            var live = await transaction.InspectAsync(SeedContract.Tables, cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            var items = SchemaComparison.Compare(SeedContract.Items, live.Definitions, DefinitionText.Same);
            context.Log?.Invoke($"schema comparison: {items.Count} items, {clock.ElapsedMilliseconds} ms");
            return items;
        }
    }

    /// <inheritdoc/>
    public Task<int> AddSampleAsync(CallContext context, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync(() => WriteAsync(() => AddSampleNowAsync(context, cancellationToken), context, cancellationToken), _role, cancellationToken);

    private async Task<int> AddSampleNowAsync(CallContext context, CancellationToken cancellationToken)
    {
        RefuseIfReadOnly("Adding sample rows");
        var clock = Stopwatch.StartNew();
        var transaction = await SchemaTransaction.BeginAsync(source, settings, context, cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            await LockAsync(transaction, context, cancellationToken).ConfigureAwait(false);
            var occupied = await transaction.QueryAsync(
                "select exists (select from public.exec_handoff_preparations)", [], row => row.GetBoolean(0), cancellationToken).ConfigureAwait(false);
            if (occupied[0])
            {
                context.Log?.Invoke("sample rows: none added, there are handoffs already");
                return 0;
            }

            await transaction.ExecuteAsync(SchemaScript.Split(SchemaFiles.Read("sample-directives.sql")), cancellationToken).ConfigureAwait(false);
            var added = await transaction.ExecuteAsync(SchemaScript.Split(SchemaFiles.Read("sample-handoffs.sql")), cancellationToken).ConfigureAwait(false);
            await transaction.ExecuteAsync(SchemaScript.Split(SchemaFiles.Read("sample-flows.sql")), cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            context.Log?.Invoke($"sample rows: {added} handoffs, {clock.ElapsedMilliseconds} ms");
            return added;
        }
    }

    /// <summary>Runs what writes. Why nothing may be written is looked up in another transaction: the refused one answers nothing more.</summary>
    private async Task<T> WriteAsync<T>(Func<Task<T>> work, CallContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (PostgresException refusal) when (refusal.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction)
        {
            var transaction = await SchemaTransaction.BeginAsync(source, settings, context, cancellationToken).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                List<string> causes = await transaction.QueryAsync(ReadOnlyCause.Sql, [], ReadOnlyCause.Read, cancellationToken).ConfigureAwait(false);
                throw LeoErrors.ReadOnlyConnection(causes[0], refusal.SqlState);
            }
        }
    }

    private static async Task LockAsync(SchemaTransaction transaction, CallContext context, CancellationToken cancellationToken)
    {
        try
        {
            await transaction.LockAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refusal) when (refusal.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new LeoException(
                LeoErrorId.RowLocked,
                $"Another installation in this database did not end within {context.LockTimeout.TotalSeconds:0.###} s. Nothing was changed; try again, or raise -LockTimeout.",
                refusal.SqlState);
        }
    }

    private void RefuseIfReadOnly(string what)
    {
        if (settings.ReadOnly)
        {
            throw new LeoException(LeoErrorId.ReadOnlyConnection, $"{what} needs a connection that may write; this one was opened with -ReadOnly. Connect without it.");
        }
    }
}
