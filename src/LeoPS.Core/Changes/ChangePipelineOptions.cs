namespace LeoPS.Changes;

/// <summary>How a stream of changes is cut into batches.</summary>
public sealed record ChangePipelineOptions
{
    /// <summary>Rows per batch. 1 makes each row wait for the one before, so that stopping is exact.</summary>
    public int BatchSize { get; init; } = 1000;

    /// <summary>Batches on their way at once, each on a connection of its own.</summary>
    public int MaxInFlight { get; init; } = 3;

    /// <summary>A batch leaves when its oldest row has waited this long, as seen when the next row comes.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>What a row is called in messages.</summary>
    public string Noun { get; init; } = "row";

    /// <summary>The clock for <see cref="MaxAge"/>.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
