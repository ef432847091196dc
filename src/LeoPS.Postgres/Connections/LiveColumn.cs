using LeoPS.Changes;

namespace LeoPS.Postgres.Connections;

/// <summary>A column of a live table.</summary>
/// <param name="Column">The column.</param>
/// <param name="ReadAs">The type that a JSON value for it is read as: its own, or timestamp with time zone for a timestamp without one.</param>
internal sealed record LiveColumn(TableColumn Column, string ReadAs);
