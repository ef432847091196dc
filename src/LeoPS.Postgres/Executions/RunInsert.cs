using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Executions;

/// <summary>The parts of the statement that makes a batch of runs; see <see cref="ExecutionSql.Insert"/>.</summary>
/// <param name="Input">The relation of new runs.</param>
/// <param name="Status">The status of runs that begin now.</param>
/// <param name="Runnable">Statuses of flows that start; null for all.</param>
/// <param name="Owner">The owner as a member of the metadata; null for none.</param>
/// <param name="Further">What the input brings beside the columns that every new run has.</param>
/// <param name="Ended">
/// Statuses of runs that have ended, whose flows need not start. Where it is given, the input has run_status, started_at and completed_at before
/// the further columns: null for runs that begin now. Null where all of them begin now.
/// </param>
/// <param name="Additional">Columns that LeoPS does not know.</param>
internal sealed record RunInsert(
    string Input, string Status, string? Runnable, string? Owner, IReadOnlyList<ValueColumn> Further, string? Ended,
    AdditionalColumnSql Additional);
