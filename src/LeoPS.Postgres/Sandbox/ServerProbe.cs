using System.Diagnostics;
using System.Net.Sockets;
using LeoPS.Postgres.Connections;
using Npgsql;

namespace LeoPS.Postgres.Sandbox;

/// <summary>Talks to a started server: is it there, is it ours, has it the database.</summary>
internal static class ServerProbe
{
    private const string MissingDatabase = "3D000";
    private const string DuplicateDatabase = "42P04";
    private const string UniqueViolation = "23505";
    private const string ErrorClassAuthorization = "28";
    private const string ErrorClassShutdown = "57P";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until the server answers, and creates the database where it is not there.</summary>
    /// <param name="settings">The superuser's, with the database wanted.</param>
    /// <param name="logPath">The server's log, for messages.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LeoException">SandboxFailed where it does not answer, or not to our password.</exception>
    public static async Task EnsureDatabaseAsync(ConnectionSettings settings, string logPath, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if (!await HasDatabaseAsync(settings, cancellationToken).ConfigureAwait(false))
                {
                    await CreateDatabaseAsync(settings, cancellationToken).ConfigureAwait(false);
                }

                return;
            }
            catch (PostgresException e) when (e.SqlState.StartsWith(ErrorClassAuthorization, StringComparison.Ordinal))
            {
                throw SandboxFailure.Because(
                    $"The server on 127.0.0.1:{settings.Port} does not take the sandbox's password any more; the password of '{settings.UserName}' was changed, or another server took the port. " +
                    "Set that password back, or remove the sandbox (Stop-LeoSandbox -Remove) and start a new one.");
            }
            catch (PostgresException e) when (!e.SqlState.StartsWith(ErrorClassShutdown, StringComparison.Ordinal) || watch.Elapsed > Patience)
            {
                throw SandboxFailure.Because($"The sandbox's server on 127.0.0.1:{settings.Port} answers: {e.MessageText} ({e.SqlState}). Its log is '{logPath}'.");
            }
            catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException && watch.Elapsed > Patience)
            {
                throw SandboxFailure.Because($"The sandbox's server runs and does not answer on 127.0.0.1:{settings.Port}: {e.Message} Its log is '{logPath}'.");
            }
            catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException)
            {
                // Starting, or recovering from a crash.
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<bool> HasDatabaseAsync(ConnectionSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            NpgsqlConnection connection = await OpenAsync(settings, settings.Database, cancellationToken).ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
            return true;
        }
        catch (PostgresException e) when (e.SqlState is MissingDatabase)
        {
            return false;
        }
    }

    private static async Task CreateDatabaseAsync(ConnectionSettings settings, CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = await OpenAsync(settings, "postgres", cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            // The name is a constant of ours; a database's name cannot be a parameter.
            var command = new NpgsqlCommand($"create database \"{settings.Database}\"", connection);
            await using (command.ConfigureAwait(false))
            {
                try
                {
                    await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (PostgresException e) when (e.SqlState is DuplicateDatabase or UniqueViolation)
                {
                    // Made by someone else in between.
                }
            }
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(ConnectionSettings settings, string? database, CancellationToken cancellationToken)
    {
        NpgsqlConnectionStringBuilder builder = ConnectionStringFactory.Create(settings with { Database = database });
        builder.Pooling = false;
        builder.Timeout = 10;
        builder.ApplicationName = "LeoPS sandbox";
        var connection = new NpgsqlConnection(builder.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
