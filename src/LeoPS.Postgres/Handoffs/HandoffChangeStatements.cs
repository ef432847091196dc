using LeoPS.Changes;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Handoffs;

/// <summary>The update and the second look of a handoff batch.</summary>
internal sealed class HandoffChangeStatements(HandoffSql sql, StatusMove<HandoffStatus> move) : IChangeStatements<StatusChange<HandoffPreparation>, HandoffPreparation>
{
    public async Task<IReadOnlyList<Written<HandoffPreparation>>> UpdateAsync(
        StatementScope scope, IReadOnlyList<BatchItem<StatusChange<HandoffPreparation>>> items, LockMode mode, CancellationToken cancellationToken)
    {
        bool narrow = sql.AllowsNarrowReturning && items.All(i => i.Change.Row is not null && i.Guard?.RowVersion is not null && !i.Relooked);
        Statement statement = Update(items, mode, narrow);
        IReadOnlyList<Written<HandoffPreparation>> written = await scope.RunAsync(
            $"update handoffs to {move.Target} (batch of {items.Count}, locks {mode})",
            statement,
            // By the first returned row the server has written all of them: a stop must not lose which.
            (reader, _) => narrow ? ReadNarrowAsync(reader, items, CancellationToken.None) : new HandoffRowReader(reader).AllWrittenAsync(),
            written => written.Count,
            cancellationToken).ConfigureAwait(false);
        return await Reread.RunAsync(scope, sql, reader => new HandoffRowReader(reader), written, row => row.Id).ConfigureAwait(false);
    }

    public Task<IReadOnlyDictionary<Guid, Seen<HandoffPreparation>>> LookUpAsync(
        StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken) => SecondLook.RunAsync(scope, sql, reader => new HandoffRowReader(reader), ids, cancellationToken);

    /// <summary>The update with its values.</summary>
    internal Statement Update(IReadOnlyList<BatchItem<StatusChange<HandoffPreparation>>> items, LockMode mode, bool narrow)
    {
        var statement = new Statement { IsRepeated = items.Count == 1 };
        string input = MoveSql.Input(statement, items, []);
        statement.Text = sql.Update(input, MoveSql.Moves(statement, move), mode, MoveSql.Target(statement, move), AddNote(statement, move), narrow);
        return statement;
    }

    public static string AddNote(Statement statement, StatusMove<HandoffStatus> move) =>
        move.ReasonLine is { } reason ? statement.Add($"{move.Target}: {reason}", NpgsqlDbType.Text) : "null";

    private async Task<IReadOnlyList<Written<HandoffPreparation>>> ReadNarrowAsync(
        NpgsqlDataReader reader, IReadOnlyList<BatchItem<StatusChange<HandoffPreparation>>> items, CancellationToken cancellationToken)
    {
        bool noted = move.ReasonLine is not null;
        var written = new List<Written<HandoffPreparation>>(items.Count);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            int at = reader.GetInt32(0);
            HandoffPreparation before = items[at].Change.Row!;
            HandoffPreparation now = before.Moved(
                move.Target,
                HandoffRowReader.Time(reader, 2),
                HandoffRowReader.Time(reader, 3),
                HandoffRowReader.Time(reader, 4),
                noted ? reader.GetString(5) : before.PostImplementationNotes,
                reader.GetFieldValue<uint>(1));
            written.Add(new Written<HandoffPreparation>(at, now, null));
        }

        return written;
    }
}
