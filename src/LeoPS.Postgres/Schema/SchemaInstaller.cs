using LeoPS.Schema;
using Npgsql;

namespace LeoPS.Postgres.Schema;

/// <summary>Runs the statements of the schema files whose objects a database lacks. One use, inside one transaction.</summary>
internal sealed class SchemaInstaller(SchemaTransaction transaction, CancellationToken cancellationToken)
{
    private static readonly IReadOnlyList<string> SeedTables = SeedContract.Tables;

    private readonly List<string> _created = [];
    private readonly List<string> _warnings = [];
    private readonly List<SchemaStatement> _waiting = [];
    private readonly HashSet<string> _newTables = [];
    private readonly HashSet<string> _roles = [];
    private LiveSchema _live = new();

    /// <summary>Creates what is absent, in the order of the statements.</summary>
    /// <exception cref="LeoException">Forbidden, ReadOnlyConnection.</exception>
    public async Task<SchemaInstallReport> RunAsync(IReadOnlyList<SchemaStatement> statements)
    {
        var tables = statements.Where(statement => statement.Kind == SchemaStatementKind.Table).Select(statement => statement.Table);
        _live = await transaction.InspectAsync(tables, cancellationToken).ConfigureAwait(false);
        foreach (var statement in statements.Where(statement => statement.Kind != SchemaStatementKind.Grant))
        {
            await (statement.Kind switch
            {
                SchemaStatementKind.Role => CreateRoleAsync(statement),
                SchemaStatementKind.Table => CreateTableAsync(statement),
                SchemaStatementKind.RowSecurity => SecureTableAsync(statement),
                SchemaStatementKind.Schema or SchemaStatementKind.Function => CreateUnlessThereAsync(statement),
                _ => CreatePartAsync(statement),
            }).ConfigureAwait(false);
        }

        await FlushAsync().ConfigureAwait(false);
        await GrantAsync(statements.Where(statement => statement.Kind == SchemaStatementKind.Grant).ToList()).ConfigureAwait(false);
        return new SchemaInstallReport(_created, _warnings);
    }

    private static string KindOf(SchemaStatement statement) => statement.Kind.ToString().ToLowerInvariant();

    private bool IsThere(SchemaStatement statement) => _live.Has(KindOf(statement), statement.Table, statement.Name);

    private async Task CreateRoleAsync(SchemaStatement role)
    {
        if (IsThere(role))
        {
            _roles.Add(role.Name);
            return;
        }

        var refusal = await TryAsync(role.Sql, role.Description).ConfigureAwait(false);
        if (refusal is null)
        {
            _roles.Add(role.Name);
        }
        else if (refusal.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation)
        {
            // Roles belong to the whole server: an installation in another database was quicker.
            _roles.Add(role.Name);
        }
        else
        {
            _warnings.Add($"Role {role.Name} was not created, because {transaction.Role} may not ({refusal.MessageText}); policies and grants for it are left out. "
                + $"Have a superuser run \"{role.Sql}\", then install again.");
        }
    }

    private Task CreateUnlessThereAsync(SchemaStatement statement)
    {
        if (!IsThere(statement))
        {
            _waiting.Add(statement);
        }

        return Task.CompletedTask;
    }

    private async Task CreateTableAsync(SchemaStatement table)
    {
        var existing = _live.Find("table", table.Table, table.Table);
        if (existing is null)
        {
            _newTables.Add(table.Table);
            _waiting.Add(table);
            return;
        }

        if (!existing.StartsWith("row level security", StringComparison.Ordinal))
        {
            _warnings.Add($"public.{table.Table} is {existing} and not a table: nothing was added to it.");
            return;
        }

        if (!SeedTables.Contains(table.Table))
        {
            WarnOfMissingColumns(table);
            return;
        }

        foreach (var column in table.Columns)
        {
            await AddColumnAsync(table.Table, column).ConfigureAwait(false);
        }
    }

    // A table that ours refer to is somebody else's: what LeoPS would miss in it is told, never added.
    private void WarnOfMissingColumns(SchemaStatement table)
    {
        var missing = table.Columns.Where(column => !_live.Has("column", table.Table, column.Name)).Select(column => column.Name).ToList();
        if (missing.Count > 0)
        {
            _warnings.Add($"public.{table.Table} was there already and was left as it is; it lacks {string.Join(", ", missing)}.");
        }
    }

    private async Task AddColumnAsync(string table, SchemaColumn column)
    {
        var existing = _live.Find("column", table, column.Name);
        if (existing is null)
        {
            var value = column.Default is null ? "" : $" DEFAULT {column.Default}";
            await TryOrWarnAsync($"ALTER TABLE public.{table} ADD COLUMN {column.Name} {column.Type}{value}", $"column {column.Name} on public.{table}")
                .ConfigureAwait(false);
        }
        else if (column.Default is not null && !_live.Has("default", table, column.Name) && !existing.Contains("GENERATED", StringComparison.Ordinal))
        {
            await TryOrWarnAsync($"ALTER TABLE public.{table} ALTER COLUMN {column.Name} SET DEFAULT {column.Default}", $"default of public.{table}.{column.Name}")
                .ConfigureAwait(false);
        }
    }

    private Task SecureTableAsync(SchemaStatement statement)
    {
        if (_newTables.Contains(statement.Table))
        {
            _waiting.Add(statement);
        }
        else if (SeedTables.Contains(statement.Table) && _live.Find("table", statement.Table, statement.Table) == "row level security disabled")
        {
            // Turning it on would hide rows from people who see them today: that is theirs to decide.
            _warnings.Add($"Row level security is off on public.{statement.Table} and was left so. \"{statement.Sql}\" turns it on; its policies then decide who sees what.");
        }

        return Task.CompletedTask;
    }

    private async Task CreatePartAsync(SchemaStatement part)
    {
        var isNew = _newTables.Contains(part.Table);
        if (!isNew && (!SeedTables.Contains(part.Table) || !IsTable(part.Table) || IsThere(part)))
        {
            return;
        }

        if (part.Roles.FirstOrDefault(role => !_roles.Contains(role)) is { } absent)
        {
            _warnings.Add($"The {part.Description} was not created, because there is no role {absent}.");
        }
        else if (isNew && !part.Definition.StartsWith("FOREIGN KEY", StringComparison.Ordinal))
        {
            _waiting.Add(part);
        }
        else
        {
            await TryOrWarnAsync(part.Sql, part.Description).ConfigureAwait(false);
        }
    }

    private bool IsTable(string table) => _live.Find("table", table, table)?.StartsWith("row level security", StringComparison.Ordinal) ?? false;

    private async Task GrantAsync(List<SchemaStatement> grants)
    {
        var missing = await transaction.QueryAsync(
            SchemaFiles.Read("missing-grants.sql"),
            [grants.Select(grant => grant.Roles[0]).ToArray(), grants.Select(grant => grant.Name).ToArray(), grants.Select(grant => grant.Definition).ToArray()],
            row => (Index: (int)row.GetInt64(0) - 1, Open: row.GetBoolean(1)),
            cancellationToken).ConfigureAwait(false);
        foreach (var (index, open) in missing)
        {
            var grant = grants[index];
            if (open && grant.Roles[0] != "service_role")
            {
                _warnings.Add($"The {grant.Description} was left out: without row level security it would open the whole table to that role.");
            }
            else
            {
                await TryOrWarnAsync(grant.Sql, grant.Description, needsOwner: false).ConfigureAwait(false);
            }
        }
    }

    // A missing right ends the installation, unless what it is missing for can be done without (needsOwner false).
    private async Task TryOrWarnAsync(string sql, string what, bool needsOwner = true)
    {
        var refusal = await TryAsync(sql, what).ConfigureAwait(false);
        if (refusal is null)
        {
            return;
        }

        if (needsOwner && refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw InstallRefusal.Of(refusal, transaction.Role);
        }

        var detail = refusal.Detail is null ? "" : $" ({refusal.Detail})";
        _warnings.Add($"The {what} was not created: {refusal.MessageText}{detail}. Once that is put right, install again, or run \"{sql}\".");
    }

    private async Task<PostgresException?> TryAsync(string sql, string what)
    {
        await FlushAsync().ConfigureAwait(false);
        var refusal = await transaction.TryAsync(sql, cancellationToken).ConfigureAwait(false);
        if (refusal is null)
        {
            _created.Add(what);
        }

        return refusal;
    }

    // What cannot fail for the rows' sake goes out in one round trip.
    private async Task FlushAsync()
    {
        if (_waiting.Count == 0)
        {
            return;
        }

        try
        {
            await transaction.ExecuteAsync(_waiting.Select(statement => statement.Sql), cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refusal) when (refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw InstallRefusal.Of(refusal, transaction.Role);
        }

        _created.AddRange(_waiting.Select(statement => statement.Description));
        _waiting.Clear();
    }
}
