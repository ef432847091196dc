using LeoPS.Access;
using LeoPS.Executions;
using LeoPS.Handoffs;
using LeoPS.History;
using LeoPS.Ports;
using LeoPS.Postgres.Executions;
using LeoPS.Postgres.Handoffs;
using LeoPS.Postgres.Owners;
using LeoPS.Postgres.Schema;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Watching;
using Npgsql;

namespace LeoPS.Postgres.Connections;

/// <summary>A pool of connections to one database, and the stores over it.</summary>
internal sealed class PostgresDatabase : ILeoDatabase
{
    private readonly ConnectionSource _source;
    private readonly ConnectionSettings _settings;
    private readonly DatabaseTest _test;
    private readonly Stores _stores;
    private readonly RunKeeper _keeper;
    private readonly EventHandler _onSessionLost;

    private PostgresDatabase(ConnectionSource source, ConnectionSettings settings, ServerIdentity server)
    {
        _source = source;
        _settings = settings;
        Server = server;
        _keeper = RunKeepers.For(settings);
        _onSessionLost = Clearing(source);
        _keeper.SessionLost += _onSessionLost;
        _stores = new Stores(new PooledScopes(source, settings), server.Role, _keeper);
        _test = new DatabaseTest(source, settings, _stores, server.Role);
        HandoffFeed = new ChangeFeed<HandoffPreparation, HandoffWatch>(new HandoffWatchStatements(), source, settings, server.Role);
        ExecutionFeed = new ChangeFeed<FlowExecution, ExecutionWatch>(new ExecutionWatchStatements(), source, settings, server.Role);
        Schema = new SchemaStore(source, settings);
    }

    public ServerIdentity Server { get; }

    public IDirectiveStore Directives => _stores.Directives;

    public ISessionStore Sessions => _stores.Sessions;

    public IHandoffStore Handoffs => _stores.Handoffs;

    public IFlowStore Flows => _stores.Flows;

    public IExecutionStore Executions => _stores.Executions;

    public IHistoryStore<HandoffHistoryEntry, HandoffHistoryQuery> HandoffHistory => _stores.HandoffHistory;

    public IHistoryStore<FlowExecutionHistoryEntry, ExecutionHistoryQuery> ExecutionHistory => _stores.ExecutionHistory;

    public IChangeFeed<HandoffPreparation, HandoffWatch> HandoffFeed { get; }

    public IChangeFeed<FlowExecution, ExecutionWatch> ExecutionFeed { get; }

    public ISchemaStore Schema { get; }

    /// <exception cref="LeoException">ConnectionFailed, AuthenticationFailed.</exception>
    public static async Task<PostgresDatabase> OpenAsync(ConnectionSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsWantedAsync(settings, cancellationToken).ConfigureAwait(false);
        }
        catch (LeoException refused) when (refused.SqlState is RefusalAdvice.ProtocolViolation or PostgresErrorCodes.FeatureNotSupported && !settings.SetsEachTransaction)
        {
            // A pooler that takes no options at startup, most likely.
            return await OpenAsWantedAsync(settings with { LosesStartupOptions = true }, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<PostgresDatabase> OpenAsWantedAsync(ConnectionSettings settings, CancellationToken cancellationToken)
    {
        ConnectionSource? source = null;
        try
        {
            source = ConnectionSource.Create(settings);
            // While it logs in, the driver looks at its own timeout and not at the token.
            (ServerIdentity server, ConnectionSettings kept) = await IdentifyAsync(source, settings, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            return new PostgresDatabase(source, kept, server);
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

    public Task<LeoException?> FindObstacleAsync(PlannedWrite write, CallContext context, CancellationToken cancellationToken) =>
        _stores.Preview.FindObstacleAsync(write, context, cancellationToken);

    public Task<DatabaseReport> TestAsync(CallContext context, CancellationToken cancellationToken) => _test.RunAsync(context, cancellationToken);

    public Task<ILeoTransaction> BeginAsync(CancellationToken cancellationToken) => PostgresErrors.GuardAsync<ILeoTransaction>(
        async () => new PostgresTransaction(this, await OpenTransaction.BeginAsync(_source, _settings, cancellationToken).ConfigureAwait(false)),
        Server.Role,
        cancellationToken);

    /// <summary>Closes the pool. The session that keeps owned runs stays as long as there are any: the process still works on them.</summary>
    public async ValueTask DisposeAsync()
    {
        _keeper.SessionLost -= _onSessionLost;
        await _keeper.DisposeAsync().ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Whatever ended that session ended the idle ones of the pool, too, which would only tell the next call that it may or may not have been done.
    /// The keeper lives as long as the process, and must not keep a pool that nobody has any more.
    /// </summary>
    private static EventHandler Clearing(ConnectionSource source)
    {
        var pool = new WeakReference<ConnectionSource>(source);
        return (_, _) =>
        {
            if (pool.TryGetTarget(out ConnectionSource? still))
            {
                still.Clear();
            }
        };
    }

    /// <summary>Who and what answers, and the settings with what was found out about its sessions.</summary>
    private static async Task<(ServerIdentity Server, ConnectionSettings Settings)> IdentifyAsync(
        ConnectionSource source, ConnectionSettings settings, CancellationToken cancellationToken)
    {
        string sql = $"""
            select current_database(), session_user::text, current_user::text, current_setting('server_version'),
                   coalesce((select r.rolsuper or r.rolbypassrls from pg_roles r where r.rolname = current_user), false),
                   {PinnedSettings.CountOfOthers}, current_setting('default_transaction_isolation')
            """;
        var scope = new PooledScope(source, settings, CallContext.For("Connect-LeoDatabase"));
        (ServerIdentity server, long others, string isolation) =
            await scope.RunAsync("identify the server", new Statement(sql), ReadAsync, _ => 1, cancellationToken).ConfigureAwait(false);
        if (others > 0 && !settings.SetsEachTransaction)
        {
            // A pooler dropped the startup options; the names above may have come in another encoding.
            return await IdentifyAsync(source, settings with { LosesStartupOptions = true }, cancellationToken).ConfigureAwait(false);
        }

        await using NpgsqlConnection connection = await source.OpenAsync(cancellationToken).ConfigureAwait(false);
        return (
            server with { Encrypted = source.TlsOf(connection) is not null },
            settings with { BeginsTransactions = isolation != "read committed" });

        static async Task<(ServerIdentity Server, long Others, string Isolation)> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
        {
            await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            string version = reader.GetString(3).Split(' ')[0];
            var server = new ServerIdentity(reader.GetString(0), reader.GetString(1), reader.GetString(2), version, Encrypted: false)
            {
                BypassesRowSecurity = reader.GetBoolean(4),
            };
            return (server, reader.GetInt64(5), reader.GetString(6));
        }
    }
}
