using System.Diagnostics;
using LeoPS.Ports;
using LeoPS.Postgres.Executions;
using LeoPS.Postgres.Handoffs;
using LeoPS.Postgres.Statements;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Connections;

/// <summary>Asks a database who and what it is, which of our tables and columns it has, and whether their rows can be read.</summary>
internal sealed class DatabaseTest(ConnectionSource source, ConnectionSettings settings, Stores stores, string role)
{
    private const string Sql = """
        select current_database(), session_user::text, current_user::text, current_setting('server_version')
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
            Reached reached = await ReachAsync(scope, cancellationToken).ConfigureAwait(false);
            var columns = new Statement(ColumnsSql);
            columns.Add(_needed.Keys.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
            Dictionary<string, string[]> found = await scope.RunAsync("look at the tables", columns, ReadColumnsAsync, t => t.Count, cancellationToken).ConfigureAwait(false);
            // What is missing is said as such, and not once more as a failure.
            string[] whole =
                [.. _needed.Where(n => found.TryGetValue(n.Key, out string[]? there) && !n.Value.Except(there).Any()).Select(n => n.Key)];
            IReadOnlyList<string> failures = await ReadTest.RunAsync(stores, whole, context, cancellationToken).ConfigureAwait(false);
            return await scope.RunAsync(
                "identify the server",
                new Statement(Sql),
                (reader, token) => ReportAsync(reader, found, failures, reached, token),
                _ => 1,
                cancellationToken).ConfigureAwait(false);
        },
        role,
        cancellationToken);

    private async Task<DatabaseReport> ReportAsync(
        NpgsqlDataReader reader,
        Dictionary<string, string[]> found,
        IReadOnlyList<string> failures,
        Reached reached,
        CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return new DatabaseReport
        {
            HostName = reached.Host,
            Port = reached.Port,
            Database = reader.GetString(0),
            UserName = reader.GetString(1),
            Role = reader.GetString(2),
            ServerVersion = reader.GetString(3).Split(' ')[0],
            Latency = reached.Latency,
            Tls = reached.Tls?.Protocol,
            Cipher = reached.Tls?.Cipher,
            Certificate = reached.Tls is null ? null : source.CertificateCheck,
            SchemaShape = Shape(found),
            Missing = Missing(found),
            ReadFailures = failures,
        };
    }

    /// <summary>The best of three empty round trips, of which the first may have to open the connection; and where it leads.</summary>
    private async Task<Reached> ReachAsync(StatementScope scope, CancellationToken cancellationToken)
    {
        TimeSpan best = TimeSpan.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await scope.RunAsync("measure the latency", new Statement("select 1"), (_, _) => Task.FromResult(true), _ => 1, cancellationToken).ConfigureAwait(false);
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            best = took < best ? took : best;
        }

        await using NpgsqlConnection connection = await source.OpenAsync(cancellationToken).ConfigureAwait(false);
        return new Reached(source.NameOf(connection), connection.Port, best, source.TlsOf(connection));
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

    private sealed record Reached(string Host, int Port, TimeSpan Latency, TlsFacts? Tls);
}
