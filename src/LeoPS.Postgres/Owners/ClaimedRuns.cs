using LeoPS.Reading;

namespace LeoPS.Postgres.Owners;

/// <summary>What one statement took from a queue.</summary>
/// <param name="Rows">The runs that were started.</param>
/// <param name="PassedOver">Runs that were free and could not be owned: somebody is just giving them up.</param>
internal sealed record ClaimedRuns(IReadOnlyList<ReadItem<FlowExecution>> Rows, IReadOnlyList<Guid> PassedOver);
