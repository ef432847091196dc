using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using LeoPS.Postgres.Access;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.Postgres.Connections;

/// <summary>What the driver and the server throw, as conditions of ours. The original is not kept inside: it may quote values.</summary>
internal static class PostgresErrors
{
    private const string IdleInTransactionTimeout = "25P03";
    private const string TransactionTimeout = "25P04";

    private const string AfterWriting =
        "What was on its way may or may not have been done: read the rows again before you repeat it. The next command opens a new connection.";

    private const string AfterReading =
        "Nothing was written. The rows before this error are complete, the rest was not read: run the command again, which opens a new connection.";

    // The driver has neither codes nor types for these, and speaks English in every culture; a test of each fails when the driver changes its words.
    private const string EmptyPassword = "No password has been provided";
    private const string OtherLogin = "authentication method is not allowed";
    private const string NoBinding = "SCRAM-SHA-256-PLUS";
    private const string NoHost = "No suitable host was found";
    private const string NoTls = "No SSL enabled connection";
    private const string PoolInUse = "pool has been exhausted";

    /// <summary>Runs statements; what Npgsql throws becomes a condition of ours.</summary>
    /// <exception cref="LeoException">Whatever <see cref="Translate"/> makes of it.</exception>
    public static async Task<T> GuardAsync<T>(Func<Task<T>> work, string role, CancellationToken cancellationToken, string afterLoss = AfterWriting)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Exception translated = Translate(e, role, cancellationToken, afterLoss);
            if (translated == e)
            {
                throw;
            }

            throw translated;
        }
    }

    /// <summary>Reads rows; what Npgsql throws on the way becomes a condition of ours.</summary>
    /// <exception cref="LeoException">Whatever <see cref="Translate"/> makes of it.</exception>
    public static async IAsyncEnumerable<T> GuardAsync<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> source, string role, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using IAsyncEnumerator<T> items = source(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await GuardAsync(async () => await items.MoveNextAsync().ConfigureAwait(false), role, cancellationToken, AfterReading).ConfigureAwait(false))
        {
            yield return items.Current;
        }
    }

    /// <summary>Translates a failure of a statement; our own pass through unchanged.</summary>
    public static Exception Translate(Exception failure, string role, CancellationToken cancellationToken, string afterLoss = AfterWriting)
    {
        if (Ours(failure) is { } ours)
        {
            return ours;
        }

        return failure switch
        {
            // The server did not even answer the request to cancel: nobody knows what became of the statement.
            OperationCanceledException { InnerException: TimeoutException } => Lost(failure, afterLoss),
            // The driver's own holds the server's answer.
            OperationCanceledException when cancellationToken.IsCancellationRequested => new OperationCanceledException(cancellationToken),
            PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } when cancellationToken.IsCancellationRequested => new OperationCanceledException(cancellationToken),
            PostgresException server => new LeoException(IdOf(server), Describe(server, role, afterLoss), server.SqlState) { IsOfFunction = IsInFunction(server) },
            NpgsqlException or IOException or SocketException or TimeoutException => Lost(failure, afterLoss),
            EncoderFallbackException => new LeoException(
                LeoErrorId.ValueOutOfRange, "A text holds half of a surrogate pair (U+D800 to U+DFFF without its partner), which is no character and which no column holds. Take it out."),
            _ => failure,
        };
    }

    /// <summary>The session of an open transaction ended before COMMIT was sent: by its time limit, by an administrator, with the server or with the network.</summary>
    public static LeoException TransactionLost(Exception failure)
    {
        string? state = (failure as PostgresException)?.SqlState;
        return new LeoException(
            LeoErrorId.TransactionLost,
            state switch
            {
                IdleInTransactionTimeout =>
                    "The server ended the transaction, because it waited for its next statement longer than idle_in_transaction_session_timeout allows. "
                    + "All of it was rolled back and nothing was written. Do the slow work before the transaction, or allow it more time: options=-c idle_in_transaction_session_timeout=10min in the connection string.",
                TransactionTimeout =>
                    "The server ended the transaction, because it took longer than transaction_timeout allows. All of it was rolled back and nothing was written. "
                    + "Do less in one transaction, or allow it more time: options=-c transaction_timeout=10min in the connection string.",
                _ => $"The connection of the open transaction broke before COMMIT ({Innermost(failure)}). All of it was rolled back and nothing was written. Run it again.",
            },
            state);
    }

    private static LeoException Lost(Exception failure, string afterLoss) => new(
        LeoErrorId.ConnectionLost, $"The connection to the server broke ({Innermost(failure)}). {afterLoss}");

    /// <summary>Translates a failure to connect.</summary>
    public static Exception TranslateConnecting(Exception failure, ConnectionSettings settings, CancellationToken cancellationToken)
    {
        if (Ours(failure) is { } ours)
        {
            return ours;
        }

        if (failure is OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            return new OperationCanceledException(cancellationToken);
        }

        // A user may have put a whole URL, password and all, into any one parameter.
        string where = PlaceOf(settings);
        string mode = TlsPolicy.Of(settings).Mode;
        string user = Redaction.Redact(settings.UserName ?? "");
        return failure switch
        {
            PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } refused => new LeoException(
                LeoErrorId.AuthenticationFailed,
                $"The server at {where} refused user {user}: {Redaction.Redact(refused.MessageText)}. {RefusalAdvice.OfConnecting(refused.SqlState, settings)}{NotesOf(settings)}",
                refused.SqlState),
            PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } missing => new LeoException(
                LeoErrorId.ConnectionFailed, $"The server at {where} has no database {Redaction.Redact(settings.Database ?? user)}. Check -Database or the path of the URL.", missing.SqlState),
            PostgresException refused when settings.Role is { } role && IsAboutRole(refused) => CannotBecome(refused, where, user, Redaction.Redact(role)),
            PostgresException other => new LeoException(
                LeoErrorId.ConnectionFailed,
                $"The server at {where} did not let us in: {Redaction.Redact(other.MessageText)} ({other.SqlState}).{(RefusalAdvice.OfConnecting(other.SqlState, settings) is { } advice ? $" {advice}" : "")}",
                other.SqlState),
            NpgsqlException when Has(failure, EmptyPassword) => NoPassword(settings),
            NpgsqlException when Has(failure, OtherLogin) || Has(failure, NoBinding) => new LeoException(
                LeoErrorId.AuthenticationFailed,
                $"The server at {where} does not log user {user} in as the settings ask ({LoginOf(settings)}): {Redaction.Redact(Innermost(failure))}. "
                + "No password was sent. Change the server's rules (pg_hba.conf) or the setting; channel binding also needs TLS all the way to the server."),
            NpgsqlException when Has(failure, NoTls) => new LeoException(
                LeoErrorId.ConnectionFailed,
                $"The server at {where} has no TLS to offer, and sslmode={mode} asks for it{(settings.SslMode is null ? ", which is the default for a host that is not this machine" : "")}; no password was sent. Turn ssl on at the server; on a network where nobody can listen, -SslMode disable does without."),
            NpgsqlException when failure.Message.Contains(NoHost, StringComparison.Ordinal) => new LeoException(
                LeoErrorId.ConnectionFailed,
                $"None of the hosts {where} is what is wanted (target_session_attrs={TargetSession.Of(settings)}). Where only reading is wanted, -ReadOnly takes a standby too; after a failover, try again when a standby has taken over."),
            NpgsqlException { InnerException: AuthenticationException } => new LeoException(
                LeoErrorId.ConnectionFailed, $"The server at {where} and this machine did not agree on TLS: {Redaction.Redact(Innermost(failure))}. Look at the server's ssl_min_protocol_version and its log.{RefusalAdvice.OfHandshake(settings)}"),
            NpgsqlException when failure.Message.Contains(PoolInUse, StringComparison.Ordinal) => new LeoException(
                LeoErrorId.ConnectionFailed,
                $"All {ConnectionStringFactory.PoolSize} server connections of this LeoConnection to {where} stayed in use. Nothing was sent. Let fewer use it at once, open one for each (Connect-LeoDatabase -Name), or read in pages (-PageSize), which keep none while the rest of the pipeline works."),
            // With TLS 1.3 a server looks at the client's certificate after the handshake, and then ends the connection.
            NpgsqlException or IOException when RefusalAdvice.OfHandshake(settings) is { Length: > 0 } advice && All(failure).Any(e => e is IOException) => new LeoException(
                LeoErrorId.ConnectionFailed, $"The server at {where} ended the connection before a login: {Redaction.Redact(Innermost(failure))}.{advice}"),
            NpgsqlException or IOException or SocketException or TimeoutException or OperationCanceledException => new LeoException(
                LeoErrorId.ConnectionFailed, $"No PostgreSQL server answered at {where}: {Redaction.Redact(Innermost(failure))}. Check host and port, and that the server runs."),
            ArgumentException when IsBlank("PGSSLCERT") || IsBlank("PGSSLKEY") => new LeoException(
                LeoErrorId.ConnectionFailed, "The environment variable PGSSLCERT or PGSSLKEY is set and empty, which names no file. Remove it."),
            CryptographicException => new LeoException(
                LeoErrorId.ConnectionFailed,
                $"The client certificate for {where} cannot be used: {Redaction.Redact(failure.Message.TrimEnd('.'))}. Check sslcert and sslkey (PGSSLCERT, PGSSLKEY)."),
            ArgumentException invalid => new LeoException(LeoErrorId.ConnectionFailed, $"The connection settings from {settings.Source} are not usable: parameter {invalid.ParamName}."),
            _ => failure,
        };
    }

    /// <summary>Refused by the command that assumes the role: there is none of the name, or the login role may not become it.</summary>
    private static bool IsAboutRole(PostgresException refusal) =>
        refusal.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidParameterValue
        && refusal.BatchCommand is { } failed && SessionSettings.AssumesRole(failed.CommandText);

    /// <summary>The server asks for a password, and there is none.</summary>
    public static LeoException NoPassword(ConnectionSettings settings) => new(
        LeoErrorId.AuthenticationFailed,
        $"The server at {PlaceOf(settings)} asks for a password and none was given for user {Redaction.Redact(settings.UserName ?? "")}. "
        + $"Use -Credential, a URL or .pgpass.{NotesOf(settings)}");

    private static string PlaceOf(ConnectionSettings settings) => $"{Redaction.Redact(settings.Host)}:{settings.Port} (from {settings.Source})";

    /// <summary>What the settings ask of the login.</summary>
    private static string LoginOf(ConnectionSettings settings) => string.Join(
        ", ",
        new[] { ("require_auth", settings.Security.RequireAuth), ("channel_binding", settings.Security.ChannelBinding) }
            .Where(asked => asked.Item2 is not null).Select(asked => $"{asked.Item1}={asked.Item2}"));

    /// <summary>What was odd about the password file, such as its mode.</summary>
    private static string NotesOf(ConnectionSettings settings) =>
        settings.Password is null && settings.Notes.Count > 0 ? $" {string.Join(' ', settings.Notes)}" : "";

    /// <summary>A variable that the driver reads where it was given no certificate, and takes for a path.</summary>
    private static bool IsBlank(string variable) => Environment.GetEnvironmentVariable(variable) is { } value && string.IsNullOrWhiteSpace(value);

    private static LeoException CannotBecome(PostgresException refusal, string where, string user, string role)
    {
        string why = Redaction.Redact(refusal.MessageText);
        using var builder = new NpgsqlCommandBuilder();
        return refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege
            ? new LeoException(
                LeoErrorId.Forbidden,
                $"User {user} may not become role {role} at {where}: {why}. Leave -Role out, or have the role granted: grant {builder.QuoteIdentifier(role)} to {builder.QuoteIdentifier(user)}.",
                refusal.SqlState)
            : new LeoException(
                LeoErrorId.ConnectionFailed, $"Role {role} cannot be assumed at {where}: {why}. Check -Role; Supabase has anon, authenticated and service_role.", refusal.SqlState);
    }

    /// <summary>True for what one row brought about: the batch is then halved until that row stands alone.</summary>
    public static bool IsAboutOneRow(Exception failure) => failure is EncoderFallbackException || (failure is PostgresException refusal && IsAboutOneRow(refusal));

    /// <summary>True where the role lacks the right to a table, a schema or a function: this concerns the whole statement, and no row of it.</summary>
    public static bool IsMissingRight(PostgresException refusal) =>
        refusal is { SqlState: PostgresErrorCodes.InsufficientPrivilege, Routine: "aclcheck_error" or "aclcheck_error_col" } && !IsInFunction(refusal);

    /// <summary>True where the server itself ended the session. A pooler has its own words for a server session that it lost.</summary>
    public static bool IsEndOfSession(Exception failure) =>
        failure is PostgresException { InvariantSeverity: "FATAL", Routine: "ProcessInterrupts" };

    /// <summary>True for the word of a function, by RAISE of PL/pgSQL, whatever code it chose; most often a trigger's.</summary>
    public static bool IsRaised(PostgresException refusal) =>
        refusal.Routine == "exec_stmt_raise" || refusal.SqlState == PostgresErrorCodes.RaiseException;

    /// <summary>
    /// True for what came about inside a function, most often a trigger's: RAISE, and what a statement of the function met. The server then sends
    /// a context. The classes that are left out have one for statements of ours too: values (JSON), locks, resources, broken connections.
    /// </summary>
    public static bool IsInFunction(PostgresException refusal) =>
        IsRaised(refusal)
        || (refusal.Where is { Length: > 0 } && refusal.SqlState[..2] is not ("08" or "22" or "25" or "40" or "53" or "54" or "55" or "57" or "58" or "XX"));

    /// <summary>
    /// The id of a refusal. What a function raises is a refusal whatever code it chose, unless the code is about the row's values; and a table
    /// or column that a function misses is none of ours.
    /// </summary>
    public static LeoErrorId IdOf(PostgresException refusal) => IdOf(refusal.SqlState) switch
    {
        var id when !IsInFunction(refusal) => id,
        var id and (LeoErrorId.ValueOutOfRange or LeoErrorId.ReferenceNotFound or LeoErrorId.InvalidJson or LeoErrorId.Forbidden) => id,
        _ when IsRaised(refusal) => LeoErrorId.Forbidden,
        LeoErrorId.SchemaMissing => LeoErrorId.DatabaseError,
        var id => id,
    };

    /// <summary>True for what goes away when the same statement is sent again.</summary>
    public static bool IsTransient(string sqlState) =>
        sqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure;

    /// <summary>The id of a server's code.</summary>
    public static LeoErrorId IdOf(string sqlState) => sqlState switch
    {
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.InvalidSchemaName => LeoErrorId.SchemaMissing,
        PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.RaiseException => LeoErrorId.Forbidden,
        PostgresErrorCodes.ReadOnlySqlTransaction => LeoErrorId.ReadOnlyConnection,
        PostgresErrorCodes.TooManyConnections => LeoErrorId.ConnectionFailed,
        PostgresErrorCodes.QueryCanceled => LeoErrorId.CommandTimedOut,
        PostgresErrorCodes.LockNotAvailable => LeoErrorId.RowLocked,
        PostgresErrorCodes.ForeignKeyViolation => LeoErrorId.ReferenceNotFound,
        PostgresErrorCodes.UntranslatableCharacter => LeoErrorId.InvalidJson,
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => LeoErrorId.AuthenticationFailed,
        _ when sqlState.StartsWith("57P", StringComparison.Ordinal) || sqlState.StartsWith("08", StringComparison.Ordinal) => LeoErrorId.ConnectionLost,
        _ when sqlState[..2] is "22" or "23" or "44" => LeoErrorId.ValueOutOfRange,
        _ => LeoErrorId.DatabaseError,
    };

    private static bool IsAboutOneRow(PostgresException refusal) =>
        refusal.SqlState.StartsWith("22", StringComparison.Ordinal)
        || refusal.SqlState.StartsWith("23", StringComparison.Ordinal)
        // A value that goes beyond the server's limits, such as JSON of very many levels.
        || refusal.SqlState.StartsWith("54", StringComparison.Ordinal)
        // Of functions and triggers: RAISE, ASSERT and their like, a row that a trigger of the same statement changed, and other languages' errors.
        || IsInFunction(refusal)
        || refusal.SqlState[..2] is "P0" or "09" or "27" or "38" or "39"
        // The check option of a view.
        || refusal.SqlState.StartsWith("44", StringComparison.Ordinal)
        // A missing right on the table is about all rows; anything else of this code is a policy's or a trigger's word on one.
        || (refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege && !IsMissingRight(refusal));

    private static string Describe(PostgresException server, string role, string afterLoss) => IdOf(server) switch
    {
        _ when IsRaised(server) => $"A trigger or function of the database refused it: {server.MessageText.TrimEnd('.')}{Origin(server)}.",
        _ when IsInFunction(server) => $"A trigger or function of the database failed: {server.MessageText}{Place(server)}{Origin(server)}.{AdviceOnFunction(server, role)}",
        LeoErrorId.SchemaMissing => $"The database lacks something LeoPS needs: {server.MessageText}. Install-LeoSchema creates what is missing; Test-LeoSchema lists it.",
        LeoErrorId.Forbidden => $"Role {role} may not do this: {server.MessageText}. Ask for the right, or connect as a role that has it.",
        LeoErrorId.ReadOnlyConnection => "The connection is read-only and nothing was written. Connect without -ReadOnly, to the primary, and without default_transaction_read_only=on.",
        LeoErrorId.ConnectionFailed => $"The server gave no connection: {server.MessageText}. {RefusalAdvice.OfStatement(server.SqlState)}",
        LeoErrorId.RowLocked => "A lock that this needs was not free in time: most likely another session has locked the table as a whole (ALTER TABLE or VACUUM FULL, say). Nothing was done; try again, or wait longer with -LockTimeout.",
        LeoErrorId.CommandTimedOut => "The server ended the statement, and nothing of it was done: it ran longer than -CommandTimeout, or an administrator cancelled it (pg_cancel_backend).",
        LeoErrorId.ConnectionLost when RefusalAdvice.OfStatement(server.SqlState) is { } full => $"The pooler ended the connection: {server.MessageText}. {full} {afterLoss}",
        LeoErrorId.ConnectionLost => $"The server ended the connection: {server.MessageText}. {afterLoss}",
        _ => $"The database refused it: {server.MessageText}{Place(server)}{Origin(server)}.{(RefusalAdvice.OfStatement(server.SqlState) is { } advice ? $" {advice}" : "")}",
    };

    private static string AdviceOnFunction(PostgresException server, string role) => server.SqlState switch
    {
        PostgresErrorCodes.InsufficientPrivilege =>
            $" It works with the rights of role {role}: grant the role what the function needs, have the function declared SECURITY DEFINER, or connect as a role that has the rights.",
        _ when server.SqlState.StartsWith("42", StringComparison.Ordinal) => " Nothing was written. The function is not part of LeoPS; its maintainer has to correct it.",
        _ => "",
    };

    /// <summary>
    /// The function and its line, with the code. RAISE has them in the first line of the context; other statements quote themselves there, and the
    /// outermost function comes last. Only lines of PL/pgSQL, which is called so in every language, are shown: others may hold values.
    /// </summary>
    private static string Origin(PostgresException server)
    {
        string[] context = server.Where?.Split('\n') ?? [""];
        string line = server.Routine == "exec_stmt_raise" ? context[0] : context[^1];
        return line.Contains("PL/pgSQL", StringComparison.Ordinal) ? $" ({line}, {server.SqlState})" : $" ({server.SqlState})";
    }

    private static string Place(PostgresException server) =>
        ConstraintExplainer.Of(server) is { } known ? $"; {known.Describe()}"
        : server.ConstraintName is { Length: > 0 } constraint ? $", constraint {constraint}"
        : server.ColumnName is { Length: > 0 } column ? $", column {column}{(server.TableName is { } table ? $" of {server.SchemaName}.{table}" : "")}"
        : "";

    /// <summary>A condition of ours, also where the driver has wrapped it: a handshake throws what it found wrong.</summary>
    private static LeoException? Ours(Exception failure) => All(failure).OfType<LeoException>().FirstOrDefault();

    private static bool Has(Exception failure, string text) => All(failure).Any(e => e.Message.Contains(text, StringComparison.Ordinal));

    /// <summary>An exception and all that are in it; of several hosts each has its own.</summary>
    private static IEnumerable<Exception> All(Exception failure)
    {
        IEnumerable<Exception> inner = failure switch
        {
            AggregateException several => several.InnerExceptions,
            { InnerException: { } one } => [one],
            _ => [],
        };
        return inner.SelectMany(All).Prepend(failure);
    }

    private static string Innermost(Exception failure) => string.Join(
        "; ", All(failure).Where(e => e.InnerException is null).Select(e => e.Message.TrimEnd('.')).Distinct(StringComparer.Ordinal));
}
