using LeoPS.Access;
using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Postgres.Access;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using LeoPS.Statuses;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Handoffs;

/// <summary>
/// Moves all handoffs that a filter selects, in one statement; then asks which of them stayed behind, and says why. Where the database
/// refuses a row, and with it the statement, the rows are moved by their ids, so that the others move and the refused ones are named.
/// </summary>
/// <param name="sql">The table's statements.</param>
/// <param name="scope">Where they run.</param>
/// <param name="role">The role in force, for messages.</param>
/// <param name="byIds">Moves rows by their ids, in batches or all or none.</param>
internal sealed class SelectionChange(
    HandoffSql sql, StatementScope scope, string role, Func<IReadOnlyList<StatusChange<HandoffPreparation>>, Task<BulkResult<HandoffPreparation>>> byIds)
{
    public async Task<SelectionResult<HandoffPreparation>> ApplyAsync(
        StatusMove<HandoffStatus> move, HandoffFilter filter, bool atomic, bool returnRows, CancellationToken cancellationToken)
    {
        // What may not move at all is told before anything is written.
        _ = move.OpenAmong(filter.Statuses ?? []);

        var outcomes = new List<ChangeOutcome<HandoffPreparation>>();
        var stayedBefore = new HashSet<Guid>();
        long changed = 0;
        for (int look = 1; ; look++)
        {
            (long Changed, IReadOnlyList<ReadItem<HandoffPreparation>> Rows, bool SkippedHeld) update;
            try
            {
                update = await UpdateAsync(move, filter, atomic, returnRows, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException refusal) when (PostgresErrors.IsAboutOneRow(refusal))
            {
                scope.Context.Log?.Invoke($"the database refused a row ({refusal.SqlState}): moving the handoffs by their ids, to find which");
                BulkResult<HandoffPreparation> result = await MoveByIdsAsync(move, filter, cancellationToken).ConfigureAwait(false);
                changed += result.Outcomes.Count(o => o.Kind == OutcomeKind.Changed);
                outcomes.AddRange(result.Outcomes.Where(o => returnRows || o.Kind == OutcomeKind.Failed));
                if (!result.Committed)
                {
                    return new SelectionResult<HandoffPreparation>(0, result.Outcomes, RolledBack: true);
                }

                break;
            }

            (long written, IReadOnlyList<ReadItem<HandoffPreparation>> rows, bool skippedHeld) = update;
            changed += written;
            outcomes.AddRange(rows.Select(r => ChangeOutcome<HandoffPreparation>.Changed(r.Row, r.Row, r.Error)));
            IReadOnlyList<ChangeOutcome<HandoffPreparation>> stayed = await StayedAsync(move, filter, skippedHeld, cancellationToken).ConfigureAwait(false);
            // Rows may have come into the selection between the two statements; only what stays twice is refused.
            if (skippedHeld || stayed.Count == 0 || look == 2)
            {
                outcomes.AddRange(stayed.Where(o => skippedHeld || stayedBefore.Contains(IdOf(o))));
                break;
            }

            stayedBefore.UnionWith(stayed.Select(o => IdOf(o)));
        }

        await AccessLook.ExplainAsync(scope, move.Table.Noun, TableCommand.Update, outcomes, cancellationToken).ConfigureAwait(false);
        return new SelectionResult<HandoffPreparation>(changed, outcomes);
    }

    /// <summary>Moves what the filter selects now; what has moved on before its turn is no failure.</summary>
    private async Task<BulkResult<HandoffPreparation>> MoveByIdsAsync(
        StatusMove<HandoffStatus> move, HandoffFilter filter, CancellationToken cancellationToken)
    {
        var statement = new Statement();
        statement.Text = HandoffSql.Ids(HandoffFilterSql.Where(filter with { Statuses = move.OpenAmong(filter.Statuses ?? []) }, statement));
        IReadOnlyList<Guid> ids = await scope.RunAsync("select handoffs", statement, Results.IdsAsync, i => i.Count, cancellationToken).ConfigureAwait(false);
        BulkResult<HandoffPreparation> result =
            await byIds([.. ids.Select(id => new StatusChange<HandoffPreparation>(id, null, null, id))]).ConfigureAwait(false);
        return result with
        {
            Outcomes = [.. result.Outcomes.Where(o =>
                o.Kind != OutcomeKind.Unchanged && o.Error?.ErrorId is not (LeoErrorId.InvalidTransition or LeoErrorId.NotFound))],
        };
    }

    private async Task<(long Changed, IReadOnlyList<ReadItem<HandoffPreparation>> Rows, bool SkippedHeld)> UpdateAsync(
        StatusMove<HandoffStatus> move, HandoffFilter filter, bool atomic, bool returnRows, CancellationToken cancellationToken)
    {
        LockMode mode = LockMode.AsMet;
        var retry = new TransientRetry(scope, "sending the selection again, locks in id order");
        while (true)
        {
            try
            {
                Statement statement = Update(move, filter, mode, returnRows);
                string shape = $"update selected handoffs to {move.Target} (locks {mode})";
                if (!returnRows)
                {
                    long count = await scope.RunAsync(shape, statement, Results.CountAsync, n => n, cancellationToken).ConfigureAwait(false);
                    return (count, [], mode == LockMode.SkipHeld);
                }

                IReadOnlyList<ReadItem<HandoffPreparation>> rows = await scope.RunAsync(shape, statement, ReadRowsAsync, r => r.Count, cancellationToken).ConfigureAwait(false);
                rows = await Reread.RunAsync(scope, sql, reader => new HandoffRowReader(reader), rows, row => row.Id).ConfigureAwait(false);
                return (rows.Count, rows, mode == LockMode.SkipHeld);
            }
            catch (PostgresException e) when (retry.Takes(e))
            {
                mode = mode == LockMode.AsMet ? LockMode.InOrder : mode;
                await retry.DelayAsync(e, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable && mode != LockMode.SkipHeld && !atomic)
            {
                mode = LockMode.SkipHeld;
                scope.Context.Log?.Invoke("a row is held by another transaction: moving the others");
            }
        }
    }

    /// <summary>The statement with its values.</summary>
    internal Statement Update(StatusMove<HandoffStatus> move, HandoffFilter filter, LockMode mode, bool returnRows)
    {
        var statement = new Statement();
        string where = HandoffFilterSql.Where(filter, statement);
        string moves = MoveSql.Moves(statement, move);
        statement.Text = sql.UpdateSelection(
            where, moves, mode, MoveSql.Target(statement, move), HandoffChangeStatements.AddNote(statement, move), returnRows);
        return statement;
    }

    /// <summary>Rows that still match: held ones that were passed over, or those that row level security keeps.</summary>
    private async Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> StayedAsync(
        StatusMove<HandoffStatus> move, HandoffFilter filter, bool skippedHeld, CancellationToken cancellationToken)
    {
        var statement = new Statement();
        string open = statement.Add(move.Moves.Select(m => StatusNames<HandoffStatus>.ToColumn(m.From)).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
        string where = HandoffFilterSql.Where(filter, statement, $"h.handoff_status = any({open})");
        statement.Text = sql.Select(where, "", "");
        IReadOnlyList<ReadItem<HandoffPreparation>> stayed =
            await scope.RunAsync("look at what stayed", statement, ReadRowsAsync, r => r.Count, cancellationToken).ConfigureAwait(false);
        return [.. stayed.Select(item =>
        {
            string label = ((IStatusRow<HandoffStatus>)item.Row).GetLabel();
            return ChangeOutcome<HandoffPreparation>.Failed(item.Row, skippedHeld
                ? LeoErrors.RowLocked(move.Table.Noun, label, scope.Context.LockTimeout)
                : LeoErrors.Forbidden(move.Table.Noun, label, role));
        })];
    }

    private static Guid IdOf(ChangeOutcome<HandoffPreparation> stayed) => ((HandoffPreparation)stayed.Source!).Id;

    private static async Task<IReadOnlyList<ReadItem<HandoffPreparation>>> ReadRowsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        List<ReadItem<HandoffPreparation>> rows = [.. await new HandoffRowReader(reader).AllAsync(item => item, cancellationToken).ConfigureAwait(false)];
        // In id order, as everything comes by default; here rather than on the server, which would sort wide rows on disk.
        rows.Sort((a, b) => a.Row.Id.CompareTo(b.Row.Id));
        return rows;
    }
}
