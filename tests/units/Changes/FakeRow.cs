namespace LeoPS.Units.Changes;

/// <summary>A row as it is after its change.</summary>
internal sealed record FakeRow(Guid Id);
