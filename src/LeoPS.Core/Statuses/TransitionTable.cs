namespace LeoPS.Statuses;

/// <summary>Which status may follow which, and what a move stamps: the one place that knows, for each table.</summary>
public sealed class TransitionTable<TStatus>
    where TStatus : struct, Enum
{
    private readonly Dictionary<(TStatus From, TStatus To), Move<TStatus>> _moves;
    private readonly Dictionary<TStatus, int> _ranks;
    private readonly Dictionary<TStatus, int> _ownStamp;
    private readonly HashSet<TStatus> _needReason;

    /// <summary>Creates a table.</summary>
    /// <param name="noun">What a row is called in messages: "handoff".</param>
    /// <param name="stampColumns">Timestamp columns that moves touch, from the earliest to the latest in a row's life.</param>
    /// <param name="moves">The allowed moves.</param>
    /// <param name="ownStamps">Which column a status sets when it is reached; a status without one stamps nothing.</param>
    /// <param name="ranks">How far along each status is; a forced move clears the stamps of statuses that come later.</param>
    /// <param name="needReason">Statuses that are not reached without a reason.</param>
    internal TransitionTable(
        string noun,
        IReadOnlyList<string> stampColumns,
        IEnumerable<Move<TStatus>> moves,
        IReadOnlyDictionary<TStatus, string> ownStamps,
        IReadOnlyDictionary<TStatus, int> ranks,
        IEnumerable<TStatus> needReason)
    {
        Noun = noun;
        StampColumns = stampColumns;
        _moves = moves.ToDictionary(m => (m.From, m.To));
        _ownStamp = ownStamps.ToDictionary(p => p.Key, p => IndexOf(p.Value));
        _ranks = new Dictionary<TStatus, int>(ranks);
        _needReason = [.. needReason];
    }

    /// <summary>What a row is called in messages.</summary>
    public string Noun { get; }

    /// <summary>Timestamp columns that moves touch.</summary>
    public IReadOnlyList<string> StampColumns { get; }

    /// <summary>True where the table has a way from one to the other.</summary>
    public bool Allows(TStatus from, TStatus to) => _moves.ContainsKey((from, to));

    /// <summary>Where a row of this status may go; empty for a terminal one.</summary>
    public IReadOnlyList<TStatus> TargetsOf(TStatus from) =>
        [.. StatusNames<TStatus>.All.Where(to => Allows(from, to))];

    /// <summary>True where nothing follows.</summary>
    public bool IsTerminal(TStatus status) => TargetsOf(status).Count == 0;

    /// <summary>True where a move to this status needs a reason.</summary>
    public bool NeedsReason(TStatus to) => _needReason.Contains(to);

    /// <summary>The moves that end at a status: the allowed ones, or with <paramref name="force"/> those from every other status.</summary>
    public IReadOnlyList<Move<TStatus>> MovesTo(TStatus to, bool force) =>
        [.. StatusNames<TStatus>.All
            .Where(from => !from.Equals(to) && (force || Allows(from, to)))
            .Select(from => _moves.TryGetValue((from, to), out Move<TStatus>? move) ? move : Forced(from, to))];

    /// <summary>A move off the path sets the target's own stamp and clears those of later statuses.</summary>
    private Move<TStatus> Forced(TStatus from, TStatus to)
    {
        var stamps = new StampAction[StampColumns.Count];
        foreach ((TStatus status, int column) in _ownStamp)
        {
            if (_ranks[status] > _ranks[to])
            {
                stamps[column] = StampAction.Clear;
            }
        }

        if (_ownStamp.TryGetValue(to, out int own))
        {
            stamps[own] = StampAction.Now;
        }

        return new Move<TStatus>(from, to, stamps);
    }

    private int IndexOf(string column)
    {
        for (int i = 0; i < StampColumns.Count; i++)
        {
            if (StampColumns[i] == column)
            {
                return i;
            }
        }

        throw new ArgumentException($"{column} is not a stamp column.", nameof(column));
    }
}
