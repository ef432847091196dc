using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.Statuses;

namespace LeoPS.Example;

/// <summary>Starts runs of flows, completes one, lets one fail, and shows an idempotency key and a run that ended before.</summary>
internal sealed class RunStory(ILeoDatabase database, CallContext context) : Story
{
    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        List<ChangeOutcome<FlowExecution>> started = Start(
            KeyConflict.Fail,
            [
                New("weekly-board-meeting", """{"agenda": ["runway", "hiring"], "attendees": 6}""", "BOARD-OF-TODAY"),
                New("investment-approval", """{"venture": "Quiet Harbor", "amountUsd": 150000.00}"""),
                New("quarterly-portfolio-review", "{}"),
            ],
            cancellationToken);
        Title("Started two runs; the third flow is archived");
        Print(started, Print);
        Expect(started[0].Row is { IsNew: true } && started[1].Row is not null && started[2].Error?.ErrorId == LeoErrorId.FlowNotRunnable, "two runs and a refusal");

        List<ChangeOutcome<FlowExecution>> again = Start(
            KeyConflict.UseExisting, [New("weekly-board-meeting", """{"attendees": 6, "agenda": ["runway", "hiring"]}""", "BOARD-OF-TODAY")], cancellationToken);
        Title("The same key and input again: it is the same run");
        Print(again, Print);
        Expect(again[0].Row is { IsNew: false } same && same.Id == started[0].Row!.Id, "the run that is there");

        FlowExecution meeting = started[0].Row!;
        FlowExecution approval = started[1].Row!;
        var output = new RunValues { OutputState = """{"decision": "approved", "votes": {"for": 5, "against": 1}}""", TokenCount = 18_400, CostUsd = 0.0552m };
        List<ChangeOutcome<FlowExecution>> completed = End(ExecutionStatus.Completed, [(meeting, output.Check())], cancellationToken);
        Title("The meeting is over: output, tokens and cost; time and duration by the server's clock");
        Print(completed, Print);
        Expect(completed[0].Row is { Status: ExecutionStatus.Completed, DurationMs: >= 0, CostUsd: 0.0552m }, "a completed run");

        var failure = new RunValues { Error = RunError.Of("Report of finance is missing the month of March", "MissingInputError", "flow.py, line 57, in kickoff") };
        List<ChangeOutcome<FlowExecution>> failed = End(ExecutionStatus.Failed, [(approval, failure)], cancellationToken);
        Title("The approval failed");
        Print(failed, Print);
        Expect(failed[0].Row is { Status: ExecutionStatus.Failed, ErrorType: "MissingInputError" }, "a failed run with its error");

        List<ChangeOutcome<FlowExecution>> twice = End(ExecutionStatus.Completed, [(completed[0].Row!, output)], cancellationToken);
        Title("Completing it twice: what it has is not written over");
        Print(twice, Print);
        Expect(twice[0].Error?.ErrorId == LeoErrorId.InvalidTransition, "the second completion is refused");

        Title("What it all came to");
        List<FlowExecution> all = await ReadAsync(database.Executions.ReadAsync(new ExecutionQuery(), context, cancellationToken));
        foreach (IGrouping<ExecutionStatus?, FlowExecution> group in all.GroupBy(e => e.Status).OrderBy(g => g.Key))
        {
            Console.WriteLine($"  {group.Key,-10} {group.Count(),3}");
        }
    }

    private static RunStart New(string flowKey, string input, string? executionKey = null) =>
        new RunStart { FlowKey = flowKey, ExecutionKey = executionKey, Values = new RunValues { InputState = input }, Source = flowKey }.Check();

    private List<ChangeOutcome<FlowExecution>> Start(KeyConflict onConflict, IEnumerable<RunStart> starts, CancellationToken cancellationToken)
    {
        var rules = new RunStartRules(ExecutionStatus.Running, onConflict, Force: false);
        return Change(
            (IReadOnlyList<IRowChange> batch, CancellationToken token) => database.Executions.StartAsync(rules, batch, context, token),
            starts,
            ExecutionTransitions.Table.Noun,
            cancellationToken);
    }

    private List<ChangeOutcome<FlowExecution>> End(ExecutionStatus target, IEnumerable<(FlowExecution Run, RunValues Values)> runs, CancellationToken cancellationToken)
    {
        var move = new StatusMove<ExecutionStatus>(ExecutionTransitions.Table, target, Force: false, Reason: null);
        IEnumerable<ExecutionChange> changes = runs.Select(r => new ExecutionChange(
            r.Run.Id, new RowGuard(r.Run.RowVersion, r.Run.Status is { } status ? StatusNames<ExecutionStatus>.ToColumn(status) : null, null), r.Run, r.Run, r.Values));
        return Change(
            (IReadOnlyList<ExecutionChange> batch, CancellationToken token) => database.Executions.ChangeAsync(move, batch, context, token),
            changes,
            ExecutionTransitions.Table.Noun,
            cancellationToken);
    }

    private static void Print(FlowExecution row)
    {
        string took = row.DurationMs is { } milliseconds ? $"{milliseconds} ms" : "-";
        Console.WriteLine($"  {row.Id.ToString()[..8]}  {row.Status,-9}  {row.FlowKey,-21}  {took,-8}  {row.ErrorType ?? row.OutputState?.ToString() ?? row.ExecutionKey}");
    }
}
