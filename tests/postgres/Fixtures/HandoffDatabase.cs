using System.Runtime.CompilerServices;
using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.Postgres;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A database with the schema installed, one directive and one session: a copy of a template that is made once per server.</summary>
public sealed class HandoffDatabase : IAsyncDisposable
{
    /// <summary>The id of the one directive; its key is <see cref="SdKey"/>.</summary>
    public const string SdId = "SD-BASE-001";

    /// <summary>The key of the one directive.</summary>
    public const string SdKey = "BASE-KEY";

    /// <summary>The password of every role that <see cref="AddLoginAsync"/> makes.</summary>
    public const string LoginPassword = "of these tests alone";

    private static readonly ConditionalWeakTable<PostgresServer, Task<string>> Templates = [];

    private readonly NpgsqlDataSource _raw;

    private HandoffDatabase(PostgresServer server, string name, ILeoDatabase database)
    {
        Server = server;
        Name = name;
        Database = database;
        _raw = NpgsqlDataSource.Create(server.ConnectionStringFor(name));
    }

    /// <summary>The id of the one session.</summary>
    public static Guid SessionId { get; } = Guid.Parse("11111111-2222-3333-4444-555555555555");

    /// <summary>What tests call the store with.</summary>
    public static CallContext Context => CallContext.For("Test-Handoff");

    /// <summary>The server.</summary>
    public PostgresServer Server { get; }

    /// <summary>Its name on the server.</summary>
    public string Name { get; }

    /// <summary>Opened by the library as superuser.</summary>
    public ILeoDatabase Database { get; }

    /// <summary>The store under test.</summary>
    public IHandoffStore Store => Database.Handoffs;

    /// <summary>How the library connects to it as superuser.</summary>
    public ConnectionSettings Settings => Server.SettingsFor(Name);

    /// <summary>A copy of the template.</summary>
    public static async Task<HandoffDatabase> CreateAsync(PostgresServer server)
    {
        string template = await Templates.GetValue(server, MakeTemplateAsync);
        string name = await server.CreateDatabaseAsync(template);
        return new HandoffDatabase(server, name, await new PostgresStorage().ConnectAsync(server.SettingsFor(name), CancellationToken.None));
    }

    /// <summary>The move to a status, by the one table.</summary>
    public static StatusMove<HandoffStatus> MoveTo(HandoffStatus target, bool force = false, string? reason = null) =>
        new(HandoffTransitions.Table, target, force, reason);

    /// <summary>A change that carries the whole object.</summary>
    public static StatusChange<HandoffPreparation> Of(HandoffPreparation row) => new(row.Id, row.Guard, row, row);

    /// <summary>A change by id alone.</summary>
    public static StatusChange<HandoffPreparation> Of(Guid id) => new(id, null, null, id);

    /// <summary>Opens it another way; the caller disposes.</summary>
    public Task<ILeoDatabase> OpenAsync(Func<ConnectionSettings, ConnectionSettings> change) =>
        new PostgresStorage().ConnectAsync(change(Settings), CancellationToken.None);

    /// <summary>Opens it as a login role that is a member of one of Supabase's roles; the caller disposes.</summary>
    public async Task<ILeoDatabase> OpenAsMemberAsync(string role)
    {
        string login = await AddLoginAsync(role);
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

    /// <summary>Inserts handoffs of the one session that differ in nothing but their ids.</summary>
    /// <param name="set">Further columns and their SQL values, in which n counts from 1.</param>
    /// <returns>The ids in ascending order.</returns>
    public async Task<List<Guid>> InsertAsync(int count, string status = "ready", params (string Column, string Value)[] set)
    {
        string columns = string.Concat(set.Select(s => $", {s.Column}"));
        string values = string.Concat(set.Select(s => $", {s.Value}"));
        // Without the foreign keys' triggers: what is inserted here is known to be right, and large sets come in seconds.
        return await ColumnAsync<Guid>($"""
            set session_replication_role = replica;
            with added as (
                insert into exec_handoff_preparations (session_id, sd_id, handoff_status, implementation_summary{columns})
                select '{SessionId}', '{SdId}', '{status}', 'Summary ' || n{values} from generate_series(1, {count}) n
                returning id
            )
            select id from added order by id
            """);
    }

    /// <summary>Reads rows; fails where one is unreadable.</summary>
    public async Task<List<HandoffPreparation>> ReadAsync(HandoffQuery? query = null) =>
        (await ReadItemsAsync(query)).ConvertAll(item =>
        {
            Assert.Null(item.Error);
            return item.Row;
        });

    /// <summary>Reads rows, unreadable ones with their errors.</summary>
    public async Task<List<ReadItem<HandoffPreparation>>> ReadItemsAsync(HandoffQuery? query = null)
    {
        var items = new List<ReadItem<HandoffPreparation>>();
        await foreach (IReadOnlyList<ReadItem<HandoffPreparation>> chunk in Store.ReadAsync(query ?? new HandoffQuery(), Context, CancellationToken.None))
        {
            items.AddRange(chunk);
        }

        return items;
    }

    /// <summary>Reads one row.</summary>
    public async Task<HandoffPreparation> ReadAsync(Guid id) =>
        Assert.Single(await ReadAsync(new HandoffQuery { Filter = new HandoffFilter { Ids = [id] } }));

    /// <summary>Locks rows in a transaction of its own, until the connection is disposed.</summary>
    public async Task<NpgsqlConnection> HoldAsync(params Guid[] ids)
    {
        NpgsqlConnection connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(
            $"begin; select from exec_handoff_preparations where id = any('{{{string.Join(',', ids)}}}') for update", connection);
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

    /// <summary>Closes; the server's end takes the database away.</summary>
    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await _raw.DisposeAsync();
    }

    private static async Task<string> MakeTemplateAsync(PostgresServer server)
    {
        string name = await server.CreateDatabaseAsync();
        await using (ILeoDatabase database = await new PostgresStorage().ConnectAsync(server.SettingsFor(name), CancellationToken.None))
        {
            Assert.Empty((await database.Schema.InstallAsync(Context, CancellationToken.None)).Warnings);
        }

        await using (NpgsqlConnection connection = await server.OpenAsync(name))
        {
            await using var command = new NpgsqlCommand(
                $"""
                insert into strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
                values ('{SdId}', '{SdKey}', 'The base', 'active', 'c', 'high', 'd', 'r', 's');
                insert into exec_implementation_sessions (id, sd_id, implementation_type) values ('{SessionId}', '{SdId}', 'GENERAL_FEATURE');
                """,
                connection);
            await command.ExecuteNonQueryAsync();
        }

        return name;
    }
}
