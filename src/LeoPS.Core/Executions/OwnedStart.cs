using LeoPS.Changes;
using LeoPS.Ports;

namespace LeoPS.Executions;

/// <summary>What starting a run that is to be owned came to.</summary>
/// <param name="Outcome">Changed with the new run; Unchanged with one that was there already, which nobody here owns; Failed.</param>
/// <param name="Run">The ownership of the new run; null where there is none.</param>
public sealed record OwnedStart(ChangeOutcome<FlowExecution> Outcome, IOwnedRun? Run);
