using System.Diagnostics;
using LeoPS.Ports;
using LeoPS.Postgres.Executions;
using LeoPS.Postgres.Handoffs;
using LeoPS.Postgres.Statements;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Connections;

/// <summary>Asks a database who and what it is, and which of our tables and columns it has.</summary>
internal sealed class DatabaseTest(NpgsqlDataSource source, ConnectionSettings settings, string role)
{
    private const string Sql = """
        select current_database(), session_user::text, current_user::text, current_setting('server_version'),
               (select s.version from pg_stat_ssl s where s.pid = pg_backend_pid() and s.ssl)
        """;

    private const string ColumnsSql = """
        select c.relname::text, array_agg(a.attname::text order by a.attnum)
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relname = any($1)
        group by c.relname
        """;

    private static readonly Dictionary<string, IReadOnlyList<string>> _needed = new(StringComparer.Ordinal)
    {
        [HandoffColumns.Table] = HandoffColumns.Definition.Columns,
        [ExecutionColumns.Table] = ExecutionColumns.Definition.Columns,
        ["strategic_directives_v2"] = ["id", "sd_key", "title"],
        ["exec_implementation_sessions"] = ["id", "sd_id", "status"],
        ["crewai_flows"] = ["id", "flow_key", "flow_name", "status"],
    };

    public Task<DatabaseReport> RunAsync(CallContext context, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        async () =>
        {
            var scope = new PooledScope(source, settings, context);
            TimeSpan latency = await MeasureAsync(scope, cancellationToken).ConfigureAwait(false);
            var columns = new Statement(ColumnsSql);
            columns.Add(_needed.Keys.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
            Dictionary<string, string[]> found = await scope.RunAsync("look at the tables", columns, ReadColumnsAsync, t => t.Count, cancellationToken).ConfigureAwait(false);
            return await scope.RunAsync("identify the server", new Statement(Sql), (reader, token) => ReportAsync(reader, found, latency, token), _ => 1, cancellationToken).ConfigureAwait(false);
        },
        role,
        cancellationToken);

    private async Task<DatabaseReport> ReportAsync(NpgsqlDataReader reader, Dictionary<string, string[]> found, TimeSpan latency, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return new DatabaseReport
        {
            HostName = settings.Host,
            Port = settings.Port,
            Database = reader.GetString(0),
            UserName = reader.GetString(1),
            Role = reader.GetString(2),
            ServerVersion = reader.GetString(3).Split(' ')[0],
            Latency = latency,
            Tls = reader.IsDBNull(4) ? null : reader.GetString(4),
            SchemaShape = Shape(found),
            Missing = Missing(found),
        };
    }

    /// <summary>The best of three empty round trips; the first may have to open the connection.</summary>
    private static async Task<TimeSpan> MeasureAsync(StatementScope scope, CancellationToken cancellationToken)
    {
        TimeSpan best = TimeSpan.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await scope.RunAsync("measure the latency", new Statement("select 1"), (_, _) => Task.FromResult(true), _ => 1, cancellationToken).ConfigureAwait(false);
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            best = took < best ? took : best;
        }

        return best;
    }

    private static string Shape(Dictionary<string, string[]> found)
    {
        string Of(string table, int contract) => !found.TryGetValue(table, out string[]? columns)
            ? $"{table}: missing"
            : columns.Length == contract ? $"{table}: {contract} columns, as the contract" : $"{table}: {columns.Length} columns (the contract has {contract})";
        return $"{Of(HandoffColumns.Table, 21)}; {Of("crewai_flow_executions", 18)}";
    }

    private static IReadOnlyList<string> Missing(Dictionary<string, string[]> found)
    {
        var missing = new List<string>();
        foreach ((string table, IReadOnlyList<string> columns) in _needed)
        {
            if (found.TryGetValue(table, out string[]? there))
            {
                missing.AddRange(columns.Except(there).Select(c => $"{table}.{c}"));
            }
            else
            {
                missing.Add(table);
            }
        }

        return missing;
    }

    private static async Task<Dictionary<string, string[]>> ReadColumnsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, string[]>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            found[reader.GetString(0)] = reader.GetFieldValue<string[]>(1);
        }

        return found;
    }
}
