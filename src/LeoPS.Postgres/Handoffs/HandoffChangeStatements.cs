using LeoPS.Changes;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;
using LeoPS.Statuses;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Handoffs;

/// <summary>The update and the second look of a handoff batch.</summary>
internal sealed class HandoffChangeStatements(HandoffSql sql, StatusMove<HandoffStatus> move) : IChangeStatements<HandoffPreparation>
{
    public Task<IReadOnlyList<(int At, ReadItem<HandoffPreparation> Item)>> UpdateAsync(
        StatementScope scope, IReadOnlyList<GuardedChange<HandoffPreparation>> rows, LockMode mode, CancellationToken cancellationToken)
    {
        bool narrow = sql.AllowsNarrowReturning && rows.All(r => r.Change.Row is not null && r.Guard?.RowVersion is not null && !r.Relooked);
        Statement statement = Update(rows, mode, narrow);
        return scope.RunAsync<IReadOnlyList<(int At, ReadItem<HandoffPreparation> Item)>>(
            $"update handoffs to {move.Target} (batch of {rows.Count}, locks {mode})",
            statement,
            // By the first returned row the server has written all of them: a stop must not lose which.
            (reader, _) => narrow ? ReadNarrowAsync(reader, rows, CancellationToken.None) : ReadFullAsync(reader, CancellationToken.None),
            written => written.Count,
            cancellationToken);
    }

    public Task<IReadOnlyDictionary<Guid, (HandoffPreparation Row, bool Held)>> LookUpAsync(
        StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        var statement = new Statement();
        statement.Text = sql.LookUp(statement.Add(ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid));
        return scope.RunAsync($"look again at {ids.Count} handoffs", statement, ReadLookUpAsync, seen => seen.Count, cancellationToken);
    }

    /// <summary>The update with its values.</summary>
    internal Statement Update(IReadOnlyList<GuardedChange<HandoffPreparation>> rows, LockMode mode, bool narrow)
    {
        var statement = new Statement();
        int[] places = new int[rows.Count];
        var ids = new Guid[rows.Count];
        uint?[] versions = new uint?[rows.Count];
        string?[] statuses = new string?[rows.Count];
        var updated = new DateTime?[rows.Count];
        for (int i = 0; i < rows.Count; i++)
        {
            places[i] = i;
            ids[i] = rows[i].Change.Id;
            versions[i] = rows[i].Guard?.RowVersion;
            statuses[i] = rows[i].Guard?.StatusText;
            updated[i] = rows[i].Guard?.UpdatedAt?.UtcDateTime;
        }

        string input = $"unnest({statement.Add(places, NpgsqlDbType.Array | NpgsqlDbType.Integer)}, {statement.Add(ids, NpgsqlDbType.Array | NpgsqlDbType.Uuid)}, "
            + $"{statement.Add(versions, NpgsqlDbType.Array | NpgsqlDbType.Xid)}, {statement.Add(statuses, NpgsqlDbType.Array | NpgsqlDbType.Text)}, "
            + $"{statement.Add(updated, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz)})";
        statement.Text = sql.Update(input, AddMoves(statement, move), mode, AddTarget(statement, move), AddNote(statement, move), narrow);
        return statement;
    }

    /// <summary>The transition table's moves as a relation.</summary>
    public static string AddMoves(Statement statement, StatusMove<HandoffStatus> move)
    {
        string Texts(IEnumerable<string> texts) => statement.Add(texts.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
        string Stamp(int column) => Texts(move.Moves.Select(m => m.Stamps[column].ToString().ToLowerInvariant()));
        return $"unnest({Texts(move.Moves.Select(m => StatusNames<HandoffStatus>.ToColumn(m.From)))}, {Stamp(0)}, {Stamp(1)})";
    }

    public static string AddTarget(Statement statement, StatusMove<HandoffStatus> move) =>
        statement.Add(StatusNames<HandoffStatus>.ToColumn(move.Target), NpgsqlDbType.Text);

    public static string AddNote(Statement statement, StatusMove<HandoffStatus> move) =>
        move.ReasonLine is { } reason ? statement.Add($"{move.Target}: {reason}", NpgsqlDbType.Text) : "null";

    private static async Task<IReadOnlyList<(int At, ReadItem<HandoffPreparation> Item)>> ReadFullAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var rows = new HandoffRowReader(reader);
        var written = new List<(int At, ReadItem<HandoffPreparation> Item)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            written.Add((reader.GetInt32(HandoffRowReader.Next), rows.Read()));
        }

        return written;
    }

    private async Task<IReadOnlyList<(int At, ReadItem<HandoffPreparation> Item)>> ReadNarrowAsync(
        NpgsqlDataReader reader, IReadOnlyList<GuardedChange<HandoffPreparation>> rows, CancellationToken cancellationToken)
    {
        bool noted = move.ReasonLine is not null;
        var written = new List<(int At, ReadItem<HandoffPreparation> Item)>(rows.Count);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            int at = reader.GetInt32(0);
            HandoffPreparation before = rows[at].Change.Row!;
            HandoffPreparation now = before.Moved(
                move.Target,
                HandoffRowReader.Time(reader, 2),
                HandoffRowReader.Time(reader, 3),
                HandoffRowReader.Time(reader, 4),
                noted ? reader.GetString(5) : before.PostImplementationNotes,
                reader.GetFieldValue<uint>(1));
            written.Add((at, new ReadItem<HandoffPreparation>(now, null)));
        }

        return written;
    }

    private static async Task<IReadOnlyDictionary<Guid, (HandoffPreparation Row, bool Held)>> ReadLookUpAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var rows = new HandoffRowReader(reader);
        var seen = new Dictionary<Guid, (HandoffPreparation Row, bool Held)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            HandoffPreparation row = rows.Read().Row;
            seen[row.Id] = (row, reader.GetBoolean(HandoffRowReader.Next));
        }

        return seen;
    }
}
