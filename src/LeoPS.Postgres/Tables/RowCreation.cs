using LeoPS.Access;
using LeoPS.Changes;
using LeoPS.Postgres.Access;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.Postgres.Tables;

/// <summary>Makes one row: one statement; and where that makes none, a look that tells why.</summary>
/// <param name="noun">What a row is called in messages.</param>
/// <param name="label">What this one is called.</param>
/// <param name="role">The role in force, for messages.</param>
internal sealed class RowCreation<TRow>(string noun, string label, string role)
    where TRow : class
{
    private const int Tries = 2;

    /// <summary>The insert; it gives the row, or none where something stands in the way.</summary>
    /// <exception cref="LeoException">The row's own fault.</exception>
    public required Func<Statement> Statement { get; init; }

    /// <summary>Makes an object of the row.</summary>
    public required Func<NpgsqlDataReader, RowReader<TRow>> Reader { get; init; }

    /// <summary>Looks what stands in the way; null where nothing can be seen that does.</summary>
    public required Func<CancellationToken, Task<LeoException?>> Obstacle { get; init; }

    /// <summary>Makes an insert atomic with the lock of its key, where no unique index decides; null where one does.</summary>
    public Func<StatementScope, Func<StatementScope, Task<ReadItem<TRow>?>>, Task<ReadItem<TRow>?>>? Locked { get; init; }

    /// <summary>Reads a row again that came back without its version; null where rows come with it.</summary>
    public Func<TRow, Task<TRow?>>? Reread { get; init; }

    /// <exception cref="PostgresException">What concerns not this row alone.</exception>
    public async Task<ChangeOutcome<TRow>> ApplyAsync(StatementScope scope, object? source, CancellationToken cancellationToken)
    {
        Statement insert;
        try
        {
            insert = Statement();
        }
        catch (LeoException fault)
        {
            return ChangeOutcome<TRow>.Failed(source, fault);
        }

        Task<ReadItem<TRow>?> RunAsync(StatementScope inside) =>
            inside.RunAsync($"insert {noun}", insert, (reader, _) => ReadAsync(reader), row => row is null ? 0 : 1, cancellationToken);
        PostgresException? taken = null;
        for (int attempt = 1; attempt <= Tries; attempt++)
        {
            try
            {
                // By the first returned row the server has written it: a stop must not lose which.
                ReadItem<TRow>? made = await (Locked is null ? RunAsync(scope) : Locked(scope, RunAsync)).ConfigureAwait(false);
                if (made is { } item)
                {
                    TRow? now = Reread is null ? null : await Reread(item.Row).ConfigureAwait(false);
                    return ChangeOutcome<TRow>.Changed(source, now ?? item.Row, item.Error);
                }

                taken = null;
            }
            catch (PostgresException refusal) when (refusal.SqlState == PostgresErrorCodes.UniqueViolation && !PostgresErrors.IsInFunction(refusal))
            {
                taken = refusal;
            }
            catch (PostgresException refusal) when (PostgresErrors.IsAboutOneRow(refusal) || refusal.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                ChangeOutcome<TRow>[] refused = [ChangeOutcome<TRow>.Failed(source, Explain(refusal, scope.Context.LockTimeout, cancellationToken))];
                await AccessLook.ExplainAsync(scope, noun, TableCommand.Insert, refused, cancellationToken).ConfigureAwait(false);
                return refused[0];
            }

            if (await Obstacle(cancellationToken).ConfigureAwait(false) is { } obstacle)
            {
                return ChangeOutcome<TRow>.Failed(source, obstacle);
            }
        }

        if (taken is null)
        {
            return ChangeOutcome<TRow>.Failed(source, LeoErrors.LeftOut(noun, label));
        }

        bool hides = await AccessLook.AtAsync(scope, AccessLook.TableOf(noun), cancellationToken).ConfigureAwait(false) is not { IsBound: false };
        return ChangeOutcome<TRow>.Failed(source, LeoErrors.Taken(noun, label, taken.ConstraintName, ConstraintExplainer.Of(taken), hides ? role : null));
    }

    private LeoException Explain(PostgresException refusal, TimeSpan waited, CancellationToken cancellationToken) => refusal.SqlState switch
    {
        PostgresErrorCodes.LockNotAvailable => LeoErrors.RowLocked(noun, label, waited),
        PostgresErrorCodes.InsufficientPrivilege when !PostgresErrors.IsInFunction(refusal) => new LeoException(
            LeoErrorId.Forbidden, $"Role {role} may not make {LeoErrors.WithArticle(noun)}: {refusal.MessageText}. Connect as a role that may, such as service_role.", refusal.SqlState),
        _ => (LeoException)PostgresErrors.Translate(refusal, role, cancellationToken),
    };

    private async Task<ReadItem<TRow>?> ReadAsync(NpgsqlDataReader reader)
    {
        RowReader<TRow> rows = Reader(reader);
        return await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false) ? rows.Read() : null;
    }
}
