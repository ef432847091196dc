namespace LeoPS.Handoffs;

/// <summary>What a handoff that is put back had beside its content: its status and its times. A null time is NULL.</summary>
/// <param name="Status">handoff_status.</param>
/// <param name="PreparedAt">prepared_at, UTC.</param>
/// <param name="SentAt">sent_at, UTC.</param>
/// <param name="ResponseAt">response_at, UTC.</param>
/// <param name="CreatedAt">created_at, UTC.</param>
/// <param name="UpdatedAt">updated_at, UTC.</param>
public sealed record RestoredState(
    HandoffStatus Status, DateTimeOffset? PreparedAt, DateTimeOffset? SentAt, DateTimeOffset? ResponseAt, DateTimeOffset? CreatedAt, DateTimeOffset? UpdatedAt);
