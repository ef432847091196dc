using LeoPS.Reading;

namespace LeoPS.Executions;

/// <summary>What a look shows of a run that is waited for and is not going on.</summary>
/// <param name="Id">The run.</param>
/// <param name="Ended">The ended run; null where there is no visible run of this id.</param>
public readonly record struct WaitedRun(Guid Id, ReadItem<FlowExecution>? Ended);
