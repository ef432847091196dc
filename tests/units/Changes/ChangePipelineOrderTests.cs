using FsCheck;
using LeoPS.Changes;

namespace LeoPS.Units.Changes;

/// <summary>Whatever comes in, and in whichever order batches end, outcomes come out in input order, one each.</summary>
public sealed class ChangePipelineOrderTests
{
    private static readonly LeoException Bad = new(LeoErrorId.InvalidIdentity, "no row");

    /// <summary>Each input is a number: the low ones repeat often, some are rejected or settled beforehand.</summary>
    [Property(MaxTest = 60)]
    public bool Outcomes_come_in_input_order(byte[] inputs, byte size, byte flying, byte seed)
    {
        int batchSize = 1 + (size % 6);
        int maxInFlight = 1 + (flying % 4);
        var store = new FakeStore((number, _) => EndSometime(number, seed), Answer);
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(batchSize, maxInFlight);
        var came = new List<ChangeOutcome<FakeRow>>();
        for (int i = 0; i < inputs.Length; i++)
        {
            Give(pipeline, inputs[i], i);
            came.AddRange(pipeline.TakeFinished().SelectMany(batch => batch.Outcomes));
        }

        came.AddRange(pipeline.Complete().SelectMany(batch => batch.Outcomes));
        return came.Select(Describe).SequenceEqual(Expected(inputs))
            && store.MostRunning <= maxInFlight
            && !store.SharedAnId
            && store.Batches.All(batch => batch.Count > 0 && batch.Count <= batchSize)
            && store.Batches.Count <= (inputs.Length + batchSize - 1) / batchSize;
    }

    /// <summary>Some end at once, some at the next occasion, some after a while: not in the order in which they left.</summary>
    private static async Task EndSometime(int number, byte seed)
    {
        switch ((number * 31 + seed) % 5)
        {
            case 0:
                break;
            case 1:
                await Task.Yield();
                break;
            case var slow:
                await Task.Delay(5 - slow).ConfigureAwait(false);
                break;
        }
    }

    private static void Give(ChangePipeline<FakeChange, FakeRow> pipeline, byte input, int place)
    {
        switch (input % 8)
        {
            case 6:
                pipeline.Reject(place, Bad);
                break;
            case 7:
                pipeline.Settle(ChangeOutcome<FakeRow>.Unchanged(place, new FakeRow(FakeChange.IdOf(input))));
                break;
            default:
                pipeline.Add(new FakeChange(FakeChange.IdOf(input), place));
                break;
        }
    }

    private static ChangeOutcome<FakeRow> Answer(FakeChange change) => (change.Id.ToByteArray()[0] % 3) switch
    {
        0 => ChangeOutcome<FakeRow>.Failed(change.Source, new LeoException(LeoErrorId.NotFound, "none")),
        1 => ChangeOutcome<FakeRow>.Unchanged(change.Source, new FakeRow(change.Id)),
        _ => FakeStore.Changed(change),
    };

    private static IEnumerable<string> Expected(byte[] inputs)
    {
        var seen = new HashSet<byte>();
        for (int i = 0; i < inputs.Length; i++)
        {
            byte input = inputs[i];
            yield return $"{i} " + (input % 8) switch
            {
                6 => nameof(LeoErrorId.InvalidIdentity),
                7 => nameof(OutcomeKind.Unchanged),
                _ when !seen.Add(input) => nameof(LeoErrorId.StatusConflict),
                _ => (input % 3) switch { 0 => nameof(LeoErrorId.NotFound), 1 => nameof(OutcomeKind.Unchanged), _ => nameof(OutcomeKind.Changed) },
            };
        }
    }

    private static string Describe(ChangeOutcome<FakeRow> outcome) => $"{outcome.Source} {outcome.Error?.ErrorId.ToString() ?? outcome.Kind.ToString()}";
}
