using LeoPS.Changes;

namespace LeoPS;

/// <summary>What a bulk change did, in figures.</summary>
public sealed class ChangeSummary
{
    private readonly SortedDictionary<string, int> _failures = new(StringComparer.Ordinal);

    /// <summary>Inputs taken.</summary>
    public long Total { get; private set; }

    /// <summary>Rows written.</summary>
    public long Changed { get; private set; }

    /// <summary>Rows that were already as asked for.</summary>
    public long Unchanged { get; private set; }

    /// <summary>Inputs that failed.</summary>
    public long Failed => _failures.Values.Sum(n => (long)n);

    /// <summary>Inputs that failed, by error id.</summary>
    public IReadOnlyDictionary<string, int> FailedByErrorId => _failures;

    /// <summary>From the first input to the last outcome.</summary>
    public TimeSpan Elapsed { get; internal set; }

    internal void Count<TRow>(ChangeOutcome<TRow> outcome)
        where TRow : class
    {
        switch (outcome.Kind)
        {
            case OutcomeKind.Changed:
                CountChanged();
                break;
            case OutcomeKind.Unchanged:
                CountUnchanged();
                break;
            default:
                CountFailed(outcome.Error!.ErrorId);
                break;
        }
    }

    internal void CountChanged(long rows = 1)
    {
        Total += rows;
        Changed += rows;
    }

    internal void CountUnchanged()
    {
        Total++;
        Unchanged++;
    }

    internal void CountFailed(LeoErrorId errorId)
    {
        Total++;
        string name = errorId.ToString();
        _failures[name] = _failures.GetValueOrDefault(name) + 1;
    }
}
