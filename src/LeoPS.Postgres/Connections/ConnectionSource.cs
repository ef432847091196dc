using Npgsql;

namespace LeoPS.Postgres.Connections;

/// <summary>The pool of connections to one host, or to whichever of several is wanted.</summary>
internal sealed class ConnectionSource : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlMultiHostDataSource? _hosts;
    private readonly TlsHandshakes _handshakes;
    private readonly ConnectionSettings _settings;
    private readonly IdleConnectionCheck _check = new();

    private ConnectionSource(ConnectionSettings settings, NpgsqlDataSource source, NpgsqlMultiHostDataSource? hosts, TlsHandshakes handshakes)
    {
        _settings = settings;
        _source = source;
        _hosts = hosts;
        _handshakes = handshakes;
    }

    /// <summary>What is checked of a server's certificate.</summary>
    public CertificateCheck CertificateCheck => _handshakes.Check;

    /// <summary>Makes the pool; nothing is connected yet.</summary>
    /// <param name="settings">Where to, and how.</param>
    /// <param name="adjust">Changes the driver's options, such as the size of the pool; null for nothing.</param>
    /// <exception cref="LeoException">ConnectionFailed where the settings cannot be used.</exception>
    public static ConnectionSource Create(ConnectionSettings settings, Action<NpgsqlConnectionStringBuilder>? adjust = null)
    {
        NpgsqlConnectionStringBuilder options = ConnectionStringFactory.Create(settings.RefusePasted());
        adjust?.Invoke(options);
        ClientCertificate.Check(settings);
        var handshakes = new TlsHandshakes(TlsPolicy.Of(settings), settings);
        var builder = new NpgsqlDataSourceBuilder(options.ConnectionString);
        builder.UseSslClientAuthenticationOptionsCallback(handshakes.Configure);
        if (settings.Password is null)
        {
            // Without one the driver looks in PGPASSWORD and the password file, which may have been refused for its mode.
            builder.UsePasswordProvider(_ => throw PostgresErrors.NoPassword(settings), (_, _) => throw PostgresErrors.NoPassword(settings));
        }

        string wanted = LeoPS.TargetSession.Of(settings);
        if (settings.Hosts.Count == 1 && wanted == LeoPS.TargetSession.Any)
        {
            return new ConnectionSource(settings, WithOptions(builder.Build(), options), null, handshakes);
        }

        NpgsqlMultiHostDataSource hosts = WithOptions(builder.BuildMultiHost(), options);
        TargetSessionAttributes attributes = Enum.Parse<TargetSessionAttributes>(wanted.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);
        return new ConnectionSource(settings, hosts.WithTargetSession(attributes), hosts, handshakes);
    }

    /// <summary>Over a pool that is there, of one host; it is disposed with this.</summary>
    public static ConnectionSource Over(NpgsqlDataSource source)
    {
        var settings = new ConnectionSettings();
        return new ConnectionSource(settings, source, null, new TlsHandshakes(TlsPolicy.Of(settings), settings));
    }

    /// <summary>Takes a connection; one that died while it was idle in the pool is passed over. The caller disposes.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="log">Takes a verbose line where connections had died; null for none.</param>
    /// <exception cref="LeoException">ConnectionFailed, AuthenticationFailed; nothing was sent then.</exception>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken, Action<string>? log = null)
    {
        try
        {
            for (int dead = 0; ; dead++)
            {
                NpgsqlConnection connection = await TakeAsync(cancellationToken).ConfigureAwait(false);
                if (await IsUsableAsync(connection, cancellationToken).ConfigureAwait(false))
                {
                    if (dead > 0)
                    {
                        log?.Invoke($"{dead} idle connections of the pool had been closed: the statement goes over a new connection");
                    }

                    return connection;
                }
            }
        }
        catch (Exception e)
        {
            Exception translated = PostgresErrors.TranslateConnecting(e, _settings, cancellationToken);
            if (translated == e)
            {
                throw;
            }

            throw translated;
        }
    }

    /// <summary>True for a connection that was idle and is still there; another one is closed.</summary>
    public async ValueTask<bool> IsUsableAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        IdleConnectionState state = IdleConnectionState.Closed;
        try
        {
            state = await _check.CheckAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (state != IdleConnectionState.Usable)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
            }
        }

        if (state == IdleConnectionState.Silent)
        {
            // Each of the others would cost as long a wait.
            Clear();
        }

        return state == IdleConnectionState.Usable;
    }

    /// <summary>Gives up the connections that idle in the pool, because they are dead without a sign, or may be; whoever comes next gets a new one.</summary>
    public void Clear() => _source.Clear();

    /// <summary>The host of an open connection, by its name where one was given.</summary>
    public string NameOf(NpgsqlConnection connection) => _handshakes.NameOf(connection.Host ?? _settings.Host);

    /// <summary>How an open connection is encrypted; null where it is not.</summary>
    public TlsFacts? TlsOf(NpgsqlConnection connection) => _handshakes.Of(connection.Host ?? "");

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync().ConfigureAwait(false);
        if (_hosts is not null)
        {
            await _hosts.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>A pool that sends the options it was given, and where it was given none, none.</summary>
    private static TSource WithOptions<TSource>(TSource source, NpgsqlConnectionStringBuilder options)
        where TSource : NpgsqlDataSource
    {
        if (string.IsNullOrEmpty(options.Options))
        {
            DriverSettings.SendNoOptions(source);
        }

        return source;
    }

    private async Task<NpgsqlConnection> TakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException) when (_hosts is not null && !cancellationToken.IsCancellationRequested)
        {
            // What the driver remembers of the hosts for ten seconds is what they were before: ask them all again, once.
            _hosts.ClearDatabaseStates();
            return await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
