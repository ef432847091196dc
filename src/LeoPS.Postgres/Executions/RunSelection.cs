using System.Runtime.CompilerServices;
using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;

namespace LeoPS.Postgres.Executions;

/// <summary>Moves the executions that a filter selects: the server names them, and then they go the way of any other bulk change.</summary>
/// <param name="scope">Where the looks run.</param>
/// <param name="read">Reads executions.</param>
internal sealed class RunSelection(StatementScope scope, Func<ExecutionQuery, IAsyncEnumerable<IReadOnlyList<ReadItem<FlowExecution>>>> read)
{
    private const int MaxTries = 5;

    public async Task<long> CountAsync(ExecutionFilter filter, CancellationToken cancellationToken)
    {
        if (filter.Orphaned)
        {
            IReadOnlyList<Guid> ids = await new OrphanSearch(scope).FirstLookAsync(filter, cancellationToken).ConfigureAwait(false);
            if (ids.Count == 0)
            {
                return 0;
            }

            filter = filter with { Ids = ids };
        }

        return await RowCount.RunAsync(scope, ExecutionColumns.Definition, statement => ExecutionFilterSql.Where(filter, statement), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Moves them batch by batch.</summary>
    /// <param name="change">Changes one batch, in a way of locking.</param>
    public async IAsyncEnumerable<IReadOnlyList<ChangeOutcome<FlowExecution>>> ChangeAsync(
        StatusMove<ExecutionStatus> move,
        ExecutionFilter filter,
        int batchSize,
        Func<IReadOnlyList<ExecutionChange>, LockMode, Task<ChangeOutcome<FlowExecution>[]>> change,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (ExecutionChange[] batch in (await SelectAsync(move, filter, cancellationToken).ConfigureAwait(false)).Chunk(batchSize))
        {
            // An orphan that somebody holds may be in its owner's hands: no waiting for it.
            ChangeOutcome<FlowExecution>[] outcomes = await change(batch, filter.Orphaned ? LockMode.SkipHeld : LockMode.AsMet).ConfigureAwait(false);
            yield return await RemainingAsync(outcomes, filter, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Moves all of them or none; what moves on meanwhile is left out, and the others are tried again.</summary>
    public async Task<BulkResult<FlowExecution>> ChangeAtomicallyAsync(
        StatusMove<ExecutionStatus> move, ExecutionFilter filter, Func<IReadOnlyList<ExecutionChange>, Task<BulkResult<FlowExecution>>> change, CancellationToken cancellationToken)
    {
        IReadOnlyList<ExecutionChange> selected = await SelectAsync(move, filter, cancellationToken).ConfigureAwait(false);
        for (int attempt = 1; ; attempt++)
        {
            BulkResult<FlowExecution> result = selected.Count == 0 ? new BulkResult<FlowExecution>(true, []) : await change(selected).ConfigureAwait(false);
            IReadOnlyList<ChangeOutcome<FlowExecution>> remaining = await RemainingAsync(result.Outcomes, filter, cancellationToken).ConfigureAwait(false);
            if (result.Committed || remaining.Any(o => o.Kind == OutcomeKind.Failed))
            {
                return result with { Outcomes = remaining };
            }

            if (attempt == MaxTries)
            {
                return result;
            }

            HashSet<object?> left = [.. remaining.Select(o => o.Source)];
            selected = [.. selected.Where(c => left.Contains(c.Source))];
        }
    }

    private async Task<IReadOnlyList<ExecutionChange>> SelectAsync(StatusMove<ExecutionStatus> move, ExecutionFilter filter, CancellationToken cancellationToken)
    {
        if (filter.Orphaned)
        {
            var orphans = new List<ExecutionChange>();
            await foreach (IReadOnlyList<ReadItem<FlowExecution>> chunk in read(new ExecutionQuery { Filter = filter }).WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                orphans.AddRange(chunk.Select(i => SelectionVerdict.Reap(i.Row, move.ReasonLine)));
            }

            return orphans;
        }

        var statement = new Statement();
        statement.Text = ExecutionSql.Ids(ExecutionFilterSql.Where(filter with { Statuses = [.. move.Moves.Select(m => m.From)] }, statement));
        IReadOnlyList<Guid> ids = await scope.RunAsync("select executions", statement, Results.IdsAsync, i => i.Count, cancellationToken).ConfigureAwait(false);
        return [.. ids.Select(id => new ExecutionChange(id, null, null, id, RunValues.None))];
    }

    /// <summary>The outcomes that are worth telling.</summary>
    private async Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> RemainingAsync(
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes, ExecutionFilter filter, CancellationToken cancellationToken)
    {
        ChangeOutcome<FlowExecution>[] remaining = [.. outcomes.Where(o => !SelectionVerdict.MovedOn(o))];
        if (filter.Orphaned && remaining.Any(IsRefused))
        {
            // An orphan that could not be seized has its owner back, or may not be changed at all: only the latter is still one.
            Guid[] refused = [.. remaining.Where(IsRefused).Select(IdOf)];
            var statement = new Statement();
            statement.Text = ExecutionSql.Ids(ExecutionFilterSql.Where(new ExecutionFilter { Ids = refused, Orphaned = true }, statement));
            HashSet<Guid> still = [.. await scope.RunAsync("look at refused orphans", statement, Results.IdsAsync, i => i.Count, cancellationToken).ConfigureAwait(false)];
            remaining = [.. remaining.Where(o => !IsRefused(o) || still.Contains(IdOf(o)))];
        }

        if (remaining.Length < outcomes.Count)
        {
            scope.Context.Log?.Invoke($"{outcomes.Count - remaining.Length} executions moved on before their turn; they were left out");
        }

        return remaining;
    }

    private static bool IsRefused(ChangeOutcome<FlowExecution> outcome) => outcome.Error is { ErrorId: LeoErrorId.Forbidden or LeoErrorId.RowLocked };

    private static Guid IdOf(ChangeOutcome<FlowExecution> outcome) => ((FlowExecution)outcome.Source!).Id;
}
