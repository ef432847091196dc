using LeoPS.History;
using LeoPS.Ports;
using LeoPS.Postgres.Owners;
using LeoPS.Postgres.Schema;
using LeoPS.Postgres.Statements;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Connections;

/// <summary>A pool of connections to one database, and the stores over it.</summary>
internal sealed class PostgresDatabase : ILeoDatabase
{
    private readonly NpgsqlDataSource _source;
    private readonly ConnectionSettings _settings;
    private readonly DatabaseTest _test;
    private readonly Stores _stores;
    private readonly RunKeeper _keeper;

    private PostgresDatabase(NpgsqlDataSource source, ConnectionSettings settings, ServerIdentity server)
    {
        _source = source;
        _settings = settings;
        _test = new DatabaseTest(source, settings);
        Server = server;
        _keeper = RunKeepers.For(settings);
        _stores = new Stores(new PooledScopes(source, settings), server.Role, _keeper);
        Schema = new SchemaStore(source, settings);
    }

    public ServerIdentity Server { get; }

    public IDirectiveStore Directives => _stores.Directives;

    public ISessionStore Sessions => _stores.Sessions;

    public IHandoffStore Handoffs => _stores.Handoffs;

    public IHandoffContentStore HandoffContent => _stores.HandoffContent;

    public IFlowStore Flows => _stores.Flows;

    public IExecutionStore Executions => _stores.Executions;

    public IHistoryStore<HandoffHistoryEntry, HandoffHistoryQuery> HandoffHistory => _stores.HandoffHistory;

    public IHistoryStore<FlowExecutionHistoryEntry, ExecutionHistoryQuery> ExecutionHistory => _stores.ExecutionHistory;

    public ISchemaStore Schema { get; }

    /// <exception cref="LeoException">ConnectionFailed, AuthenticationFailed.</exception>
    public static async Task<PostgresDatabase> OpenAsync(ConnectionSettings settings, CancellationToken cancellationToken)
    {
        NpgsqlDataSource? source = null;
        try
        {
            source = NpgsqlDataSource.Create(ConnectionStringFactory.Create(settings));
            // While it logs in, the driver looks at its own timeout and not at the token.
            ServerIdentity server = await IdentifyAsync(source, settings, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            return new PostgresDatabase(source, settings, server);
        }
        catch (Exception e)
        {
            if (source is not null)
            {
                await source.DisposeAsync().ConfigureAwait(false);
            }

            Exception translated = PostgresErrors.TranslateConnecting(e, settings, cancellationToken);
            if (translated == e)
            {
                throw;
            }

            throw translated;
        }
    }

    public Task<DatabaseReport> TestAsync(CallContext context, CancellationToken cancellationToken) => _test.RunAsync(context, cancellationToken);

    public Task<ILeoTransaction> BeginAsync(CancellationToken cancellationToken) => PostgresErrors.GuardAsync<ILeoTransaction>(
        async () => new PostgresTransaction(this, await OpenTransaction.BeginAsync(_source, _settings, cancellationToken).ConfigureAwait(false)),
        Server.Role,
        cancellationToken);

    /// <summary>Closes the pool. The session that keeps owned runs stays as long as there are any: the process still works on them.</summary>
    public async ValueTask DisposeAsync()
    {
        await _keeper.DisposeAsync().ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<ServerIdentity> IdentifyAsync(NpgsqlDataSource source, ConnectionSettings settings, CancellationToken cancellationToken)
    {
        const string Sql = """
            select current_database(), session_user::text, current_user::text, current_setting('server_version'),
                   coalesce((select s.ssl from pg_stat_ssl s where s.pid = pg_backend_pid()), false)
            """;
        await using NpgsqlBatch batch = source.CreateBatch();
        if (settings.Role is not null)
        {
            var role = new Statement();
            role.Text = $"select set_config('role', {role.Add(settings.Role, NpgsqlDbType.Text)}, true)";
            batch.BatchCommands.Add(role.ToCommand());
        }

        batch.BatchCommands.Add(new Statement(Sql).ToCommand());
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        if (settings.Role is not null)
        {
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }

        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        string version = reader.GetString(3).Split(' ')[0];
        return new ServerIdentity(reader.GetString(0), reader.GetString(1), reader.GetString(2), version, reader.GetBoolean(4));
    }
}
