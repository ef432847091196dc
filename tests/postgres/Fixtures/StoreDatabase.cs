using System.Runtime.CompilerServices;
using LeoPS.Ports;
using LeoPS.Postgres;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A database with the schema installed and the rows that a table's tests start from: a copy of a template that is made once per server.</summary>
/// <typeparam name="TRow">The rows of the table under test.</typeparam>
/// <typeparam name="TQuery">Which of them to read.</typeparam>
public abstract class StoreDatabase<TRow, TQuery> : IAsyncDisposable
    where TRow : class
    where TQuery : new()
{
    /// <summary>The password of every role that <see cref="AddLoginAsync"/> makes.</summary>
    internal const string LoginPassword = "of these tests alone";

    private static readonly ConditionalWeakTable<PostgresServer, Task<string>> Templates = [];

    private readonly NpgsqlDataSource _raw;
    private readonly string _table;

    private protected StoreDatabase(PostgresServer server, string name, ILeoDatabase database, string table)
    {
        Server = server;
        Name = name;
        Database = database;
        _table = table;
        _raw = NpgsqlDataSource.Create(server.ConnectionStringFor(name));
    }

    /// <summary>What tests call the store with.</summary>
    public static CallContext Context => CallContext.For("Test-Store");

    /// <summary>The server.</summary>
    public PostgresServer Server { get; }

    /// <summary>Its name on the server.</summary>
    public string Name { get; }

    /// <summary>Opened by the library as superuser.</summary>
    public ILeoDatabase Database { get; }

    /// <summary>How the library connects to it as superuser.</summary>
    public ConnectionSettings Settings => Server.SettingsFor(Name);

    /// <summary>Opens it another way; the caller disposes.</summary>
    public Task<ILeoDatabase> OpenAsync(Func<ConnectionSettings, ConnectionSettings> change) =>
        new PostgresStorage().ConnectAsync(change(Settings), CancellationToken.None);

    /// <summary>Opens it through a proxy; the caller disposes.</summary>
    public Task<ILeoDatabase> OpenAsync(TcpProxy proxy) => OpenAsync(s => s with { Host = "127.0.0.1", Port = proxy.Port });

    /// <summary>Opens it as a login role that is a member of one of Supabase's roles; the caller disposes.</summary>
    /// <param name="role">The role.</param>
    /// <param name="user">The user that auth.uid() tells; null for none.</param>
    public async Task<ILeoDatabase> OpenAsMemberAsync(string role, Guid? user = null)
    {
        string login = await AddLoginAsync(role);
        if (user is not null)
        {
            await RunAsync($$"""alter role {{login}} in database "{{Name}}" set request.jwt.claims = '{"sub": "{{user}}"}'""");
        }

        return await OpenAsync(s => s with { UserName = login, Password = LoginPassword });
    }

    /// <summary>Makes a login role, once per server.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> AddLoginAsync(string memberOf)
    {
        string login = $"{memberOf}_login";
        if (!await ScalarAsync<bool>($"select exists (select from pg_roles where rolname = '{login}')"))
        {
            await RunAsync($"create role {login} login inherit password '{LoginPassword}' in role {memberOf}");
        }

        return login;
    }

    /// <summary>Runs statements.</summary>
    public async Task RunAsync(string sql)
    {
        await using NpgsqlCommand command = _raw.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of the first row.</summary>
    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using NpgsqlCommand command = _raw.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The first column of all rows.</summary>
    public async Task<List<T>> ColumnAsync<T>(string sql)
    {
        await using NpgsqlCommand command = _raw.CreateCommand(sql);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        var values = new List<T>();
        while (await reader.ReadAsync())
        {
            values.Add(reader.GetFieldValue<T>(0));
        }

        return values;
    }

    /// <summary>An open connection of its own; the caller disposes.</summary>
    public async Task<NpgsqlConnection> ConnectAsync() => await _raw.OpenConnectionAsync();

    /// <summary>Reads rows; fails where one is unreadable.</summary>
    public async Task<List<TRow>> ReadAsync(TQuery? query = default, ILeoDatabase? database = null) =>
        (await ReadItemsAsync(query, database)).ConvertAll(item =>
        {
            Assert.Null(item.Error);
            return item.Row;
        });

    /// <summary>Reads rows, unreadable ones with their errors.</summary>
    public async Task<List<ReadItem<TRow>>> ReadItemsAsync(TQuery? query = default, ILeoDatabase? database = null)
    {
        var items = new List<ReadItem<TRow>>();
        await foreach (IReadOnlyList<ReadItem<TRow>> chunk in Stream(database ?? Database, query ?? new TQuery()))
        {
            items.AddRange(chunk);
        }

        return items;
    }

    /// <summary>Reads one row.</summary>
    public async Task<TRow> ReadAsync(Guid id) => Assert.Single(await ReadAsync(QueryOf(id)));

    /// <summary>Locks rows in a transaction of its own, until the connection is disposed.</summary>
    public Task<NpgsqlConnection> HoldAsync(params Guid[] ids) => HoldInAsync(_table, ids);

    /// <summary>Locks rows of any table in a transaction of its own, until the connection is disposed.</summary>
    public async Task<NpgsqlConnection> HoldInAsync(string table, params Guid[] ids)
    {
        NpgsqlConnection connection = await ConnectAsync();
        await using var command = new NpgsqlCommand($"begin; select from {table} where id = any('{{{string.Join(',', ids)}}}') for update", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>How many statements of the library run in this database just now.</summary>
    public Task<long> RunningAsync(string condition = "true") => ScalarAsync<long>(
        $"select count(*) from pg_stat_activity where datname = current_database() and application_name like 'LeoPS/%' and state <> 'idle' and {condition}");

    /// <summary>Waits until as many statements of the library fulfil a condition; at most ten seconds.</summary>
    public async Task WaitUntilRunningAsync(long count, string condition = "wait_event_type = 'Lock'")
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (await RunningAsync(condition) != count)
        {
            await Task.Delay(10, patience.Token);
        }
    }

    /// <summary>What every row of the table is, and its version: the same text for the same rows.</summary>
    public Task<string> FingerprintAsync() => ScalarAsync<string>($"select coalesce(md5(string_agg(r::text || xmin::text, '' order by id)), '') from {_table} r");

    /// <summary>Closes; the server's end takes the database away.</summary>
    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await _raw.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A copy of the template, opened.</summary>
    /// <param name="server">The server.</param>
    /// <param name="rows">The statements that fill the template, where it is to be made.</param>
    private protected static async Task<(string Name, ILeoDatabase Database)> CopyAsync(PostgresServer server, string rows)
    {
        string name = await server.CopyAsync(await Templates.GetValue(server, s => MakeTemplateAsync(s, rows)));
        return (name, await new PostgresStorage().ConnectAsync(server.SettingsFor(name), CancellationToken.None));
    }

    /// <summary>The store's stream.</summary>
    private protected abstract IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> Stream(ILeoDatabase database, TQuery query);

    /// <summary>The query of one id.</summary>
    private protected abstract TQuery QueryOf(Guid id);

    private static async Task<string> MakeTemplateAsync(PostgresServer server, string rows)
    {
        string name = await server.CreateDatabaseAsync();
        await using (ILeoDatabase database = await new PostgresStorage().ConnectAsync(server.SettingsFor(name), CancellationToken.None))
        {
            Assert.Empty((await database.Schema.InstallAsync(Context, CancellationToken.None)).Warnings);
        }

        await using (NpgsqlConnection connection = await server.OpenAsync(name))
        {
            await using var command = new NpgsqlCommand(rows, connection);
            await command.ExecuteNonQueryAsync();
        }

        return name;
    }
}
