using LeoPS.Postgres.History;
using LeoPS.Schema;
using Npgsql;

namespace LeoPS.Postgres.Schema;

/// <summary>Makes what a database lacks of the history of status changes. One use, inside one transaction.</summary>
internal sealed class HistoryInstaller(SchemaTransaction transaction, CancellationToken cancellationToken)
{
    private readonly List<string> _created = [];
    private readonly List<string> _warnings = [];
    private readonly List<string> _statements = [];
    private Dictionary<string, string?> _live = [];
    private HashSet<string> _roles = [];

    /// <summary>Creates what is absent, for each table that is there, and renews functions of ours that another version made.</summary>
    /// <exception cref="LeoException">Forbidden, ReadOnlyConnection.</exception>
    public async Task<SchemaInstallReport> RunAsync()
    {
        await InspectAsync().ConfigureAwait(false);
        foreach (HistoryTable table in HistoryTable.All)
        {
            if (await CanRecordAsync(table).ConfigureAwait(false))
            {
                foreach (HistoryStep step in HistoryScript.For(table))
                {
                    Take(step);
                }
            }
        }

        await ExecuteAsync().ConfigureAwait(false);
        return new SchemaInstallReport(_created, _warnings);
    }

    private async Task InspectAsync()
    {
        List<(string Object, string? Body)> found = await transaction.QueryAsync(
            SchemaFiles.Read("inspect-history.sql"), [], row => (row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1)), cancellationToken).ConfigureAwait(false);
        _live = found.DistinctBy(f => f.Object).ToDictionary(f => f.Object, f => f.Body, StringComparer.Ordinal);
        _roles = [.. await transaction.QueryAsync("select rolname::text from pg_catalog.pg_roles", [], row => row.GetString(0), cancellationToken).ConfigureAwait(false)];
    }

    private async Task<bool> CanRecordAsync(HistoryTable table)
    {
        (string? hindrance, bool isOwned) = (await transaction.QueryAsync(
            SchemaFiles.Read("inspect-recorded.sql"),
            [table.Table, table.NeededColumns.ToArray()],
            row => (row.IsDBNull(0) ? null : row.GetString(0), row.GetBoolean(1)),
            cancellationToken).ConfigureAwait(false))[0];
        if (hindrance is not null)
        {
            _warnings.Add($"No history of public.{table.Table} is kept: {hindrance}. Once that is put right, install again.");
        }
        else if (!isOwned)
        {
            throw InstallRefusal.Forbidden(transaction.Role, $"the history of public.{table.Table} is recorded with the rights of the table's owner, which {transaction.Role} is not", null);
        }

        return hindrance is null;
    }

    private void Take(HistoryStep step)
    {
        if (_live.TryGetValue(step.Description, out string? body))
        {
            if (step.Body is not null && step.Body != body)
            {
                _statements.Add(step.Renewal);
                _created.Add($"{step.Description}, renewed");
            }
        }
        else if (step.Role is { } role && !_roles.Contains(role))
        {
            _warnings.Add($"The {step.Description} was not created, because there is no role {role}.");
        }
        else
        {
            _statements.AddRange(step.Statements);
            _created.Add(step.Description);
        }

        // Both histories share some objects.
        _live[step.Description] = step.Body;
    }

    private async Task ExecuteAsync()
    {
        if (_statements.Count == 0)
        {
            return;
        }

        try
        {
            await transaction.ExecuteAsync(_statements, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refusal) when (refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw InstallRefusal.Of(refusal, transaction.Role);
        }
    }
}
