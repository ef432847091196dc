using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Schema;

/// <summary>A fresh, empty database on the test server, dropped at the end.</summary>
public sealed class SchemaDatabase : IAsyncDisposable
{
    private readonly string _server;
    private readonly string _name;

    private SchemaDatabase(string server, string name)
    {
        _server = server;
        _name = name;
        ConnectionString = new NpgsqlConnectionStringBuilder(server) { Database = name, Pooling = false }.ConnectionString;
        DataSource = NpgsqlDataSource.Create(ConnectionString);
    }

    /// <summary>How to reach it as the server's superuser.</summary>
    public string ConnectionString { get; }

    /// <summary>The same as a data source.</summary>
    public NpgsqlDataSource DataSource { get; }

    /// <summary>A fresh database on a test server.</summary>
    public static async Task<SchemaDatabase> CreateAsync(PostgresServer server) =>
        new(server.ConnectionStringFor("postgres"), await server.CreateDatabaseAsync());

    /// <summary>Runs statements.</summary>
    public async Task RunAsync(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of the first row.</summary>
    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>All rows, the columns of each joined by a bar.</summary>
    public async Task<List<string>> RowsAsync(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "-" : reader.GetValue(i).ToString())));
        }

        return rows;
    }

    /// <summary>Drops the database.</summary>
    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await using var server = NpgsqlDataSource.Create(_server);
        await using var command = server.CreateCommand($"drop database if exists \"{_name}\" with (force)");
        await command.ExecuteNonQueryAsync();
    }
}
