using System.Diagnostics;
using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Json;
using LeoPS.Ports;

namespace LeoPS.Invocation;

/// <summary>Ends a run with what came of its block. It ends, whatever the block gave: what the columns cannot hold is left out and told.</summary>
internal sealed class RunRecorder(IExecutionStore store, CallContext context, FlowExecution row)
{
    /// <summary>A server that is just restarting has the time to come back; then the run is left for whoever looks for orphans.</summary>
    private static readonly TimeSpan _patience = RunOwner.Grace;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Where the call was stopped, whoever pressed Ctrl+C waits no longer than this.</summary>
    private static readonly TimeSpan _patienceWhenStopped = ChangePipeline<ExecutionChange, FlowExecution>.StopPatience;

    /// <summary>Records; not to be stopped.</summary>
    /// <param name="decided">What the run becomes.</param>
    /// <param name="run">What the block gave beside its output.</param>
    /// <param name="output">What it wrote.</param>
    /// <param name="error">What it failed of.</param>
    public RunRecord Record(InvokedEnd decided, FlowRun run, RunOutput output, RunError? error)
    {
        if (decided.Status is not { } status)
        {
            return new RunRecord(row.Id, null, [], [], null);
        }

        var refusals = new List<LeoException>(output.Refusals);
        RunValues values = Check(
            new RunValues
            {
                OutputState = output.Json,
                TokenCount = run.TokenCount,
                CostUsd = run.CostUsd,
                BudgetConsumed = Consumed(run, refusals),
                KilledByBudget = decided.KilledByBudget && row.HasAdditional(Governance.KilledByBudget) ? true : null,
                AddedMetadata = Added(run, refusals),
                Error = error,
            },
            refusals);
        TimeSpan patience = decided is { Status: ExecutionStatus.Cancelled } ? _patienceWhenStopped : _patience;
        Task<RunRecord> work = Task.Run(() => RecordAsync(status, values, refusals, patience));
        return work.GetAwaiter().GetResult();
    }

    private async Task<RunRecord> RecordAsync(ExecutionStatus status, RunValues values, List<LeoException> refusals, TimeSpan patience)
    {
        var move = new StatusMove<ExecutionStatus>(ExecutionTransitions.Table, status, false, null) { Forcible = false };
        long start = Stopwatch.GetTimestamp();
        bool repeated = false;
        while (true)
        {
            // A call of its own for each try: what one has found out about the table, or not, it keeps.
            CallContext patient = context.ForAnotherCall() with { LockTimeout = context.LockTimeout < patience ? context.LockTimeout : patience };
            LeoException failure;
            try
            {
                // By the id alone: whatever others wrote into the row meanwhile, its work is done.
                ExecutionChange[] change = [new(row.Id, null, null, row.Id, values)];
                BulkResult<FlowExecution> result =
                    await store.ChangeAsync(move, change, new BulkOptions(1), patient, CancellationToken.None).ConfigureAwait(false);
                ChangeOutcome<FlowExecution> outcome = result.Outcomes[0];
                if (outcome.Kind != OutcomeKind.Failed)
                {
                    return new RunRecord(row.Id, status, refusals, [.. new[] { values.Note, outcome.Note }.OfType<string>()], null);
                }

                failure = outcome.Error!;
            }
            catch (LeoException e)
            {
                failure = e;
            }

            switch (failure.ErrorId)
            {
                case LeoErrorId.ConnectionLost or LeoErrorId.ConnectionFailed when Stopwatch.GetElapsedTime(start) < patience:
                    repeated = true;
                    await Task.Delay(_pause).ConfigureAwait(false);
                    break;
                case LeoErrorId.InvalidTransition when repeated && await IsAsync(status).ConfigureAwait(false):
                    // The answer to the first try was lost, and not the try.
                    return new RunRecord(row.Id, status, refusals, [], null);
                case LeoErrorId.InvalidJson or LeoErrorId.ValueOutOfRange or LeoErrorId.DatabaseError when values.Any:
                    refusals.Add(new LeoException(failure.ErrorId, $"What the block gave could not be kept with execution {row.Id}, which was ended without it: {failure.Message}", failure.SqlState));
                    values = values.Error is null ? RunValues.None : values.OutputState is null ? RunValues.None
                        : new RunValues { Error = values.Error, KilledByBudget = values.KilledByBudget };
                    break;
                default:
                    return new RunRecord(row.Id, null, refusals, [], new LeoException(failure.ErrorId, $"The block has ended, and execution {row.Id} ({row.ExecutionKey}) could not be moved to {status}: {failure.Message}", failure.SqlState));
            }
        }
    }

    private async Task<bool> IsAsync(ExecutionStatus status)
    {
        var query = new ExecutionQuery { Filter = new ExecutionFilter { Ids = [row.Id], Statuses = [status] } };
        await foreach (var chunk in store.ReadAsync(query, context.ForAnotherCall(), CancellationToken.None).ConfigureAwait(false))
        {
            return chunk.Count > 0;
        }

        return false;
    }

    /// <summary>What the block consumed of the budget, where the table has a column for it.</summary>
    private int? Consumed(FlowRun run, List<LeoException> refusals)
    {
        if (run.BudgetConsumed is { } consumed && row.HasAdditional(Governance.BudgetConsumed))
        {
            return consumed;
        }

        if (run.BudgetConsumed is not null)
        {
            refusals.Add(new LeoException(
                LeoErrorId.SchemaMissing,
                $"The block set BudgetConsumed, and table public.crewai_flow_executions of this database has no column {Governance.BudgetConsumed}: execution {row.Id} was ended without it."));
        }

        return null;
    }

    private static string? Added(FlowRun run, List<LeoException> refusals)
    {
        if (run.Metadata is not { Count: > 0 } metadata)
        {
            return null;
        }

        try
        {
            return new JsonBuilder(PowerShellShape.Instance, "$run.Metadata").Build(metadata);
        }
        catch (LeoException e)
        {
            refusals.Add(e);
            return null;
        }
    }

    private static RunValues Check(RunValues values, List<LeoException> refusals)
    {
        RunValues[] tries =
        [
            values, values with { CostUsd = null }, values with { TokenCount = null }, values with { BudgetConsumed = null },
            values with { CostUsd = null, TokenCount = null },
        ];
        foreach (RunValues without in tries)
        {
            try
            {
                return without.Check();
            }
            catch (LeoException e)
            {
                if (!refusals.Exists(r => r.Message == e.Message))
                {
                    refusals.Add(e);
                }
            }
        }

        return values with { CostUsd = null, TokenCount = null, BudgetConsumed = null };
    }
}
