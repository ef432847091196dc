namespace LeoPS.Watching;

/// <summary>What a watch goes by.</summary>
public enum WatchBasis
{
    /// <summary>The history: no change is missed, and none comes twice.</summary>
    History,

    /// <summary>The times that the rows are stamped with, because there is no history.</summary>
    Stamps,

    /// <summary>The same on a standby, whose snapshots do not tell which transactions are going on.</summary>
    StampsOnStandby,
}
