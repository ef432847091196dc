using LeoPS.Changes;
using LeoPS.Reading;

namespace LeoPS.Example;

/// <summary>What the stories have in common: headings, outcomes, and whether everything ended as it should.</summary>
internal abstract class Story
{
    private bool _asTold = true;

    /// <summary>Tells it; false where something did not end as it should.</summary>
    public async Task<bool> TellAsync(CancellationToken cancellationToken)
    {
        await RunAsync(cancellationToken);
        return _asTold;
    }

    protected abstract Task RunAsync(CancellationToken cancellationToken);

    protected void Expect(bool holds, string what)
    {
        if (!holds)
        {
            _asTold = false;
            Console.WriteLine($"  This was to be: {what}. It is not.");
        }
    }

    protected static void Title(string text)
    {
        Console.WriteLine();
        Console.WriteLine(text);
    }

    protected static void Print<TRow>(IReadOnlyList<ChangeOutcome<TRow>> outcomes, Action<TRow> print)
        where TRow : class
    {
        foreach (ChangeOutcome<TRow> outcome in outcomes)
        {
            if (outcome.Row is { } row)
            {
                print(row);
            }

            if (outcome.Error is { } error)
            {
                Console.WriteLine($"  {error.ErrorId}: {error.Message}");
            }
        }
    }

    protected static async Task<List<TRow>> ReadAsync<TRow>(IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> reading)
        where TRow : class
    {
        var rows = new List<TRow>();
        await foreach (IReadOnlyList<ReadItem<TRow>> chunk in reading)
        {
            foreach (ReadItem<TRow> item in chunk)
            {
                if (item.Error is not null)
                {
                    Console.WriteLine($"  {item.Error.ErrorId}: {item.Error.Message}");
                    continue;
                }

                rows.Add(item.Row);
            }
        }

        return rows;
    }

    /// <summary>What the bulk cmdlets do: batches on their way while the next one fills, outcomes in input order.</summary>
    protected static List<ChangeOutcome<TRow>> Change<TChange, TRow>(
        Func<IReadOnlyList<TChange>, CancellationToken, Task<IReadOnlyList<ChangeOutcome<TRow>>>> apply,
        IEnumerable<TChange> changes,
        string noun,
        CancellationToken cancellationToken)
        where TChange : class, IRowChange
        where TRow : class
    {
        using var pipeline = new ChangePipeline<TChange, TRow>(apply, new ChangePipelineOptions { Noun = noun }, cancellationToken);
        var outcomes = new List<ChangeOutcome<TRow>>();
        foreach (TChange change in changes)
        {
            pipeline.Add(change);
            outcomes.AddRange(pipeline.TakeFinished().SelectMany(f => f.Outcomes));
        }

        outcomes.AddRange(pipeline.Complete().SelectMany(f => f.Outcomes));
        return outcomes;
    }
}
