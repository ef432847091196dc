using LeoPS.Statuses;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>A handoff that is to be measured.</summary>
internal sealed record MeasuredRow(
    Guid Id, Guid SessionId, string SdId, HandoffStatus Status, MeasuredTime Prepared, MeasuredTime Sent, MeasuredTime Answered)
{
    public const string Columns = "(id, session_id, sd_id, handoff_status, implementation_summary, prepared_at, sent_at, response_at)";

    public string Values => $"('{Id}', '{SessionId}', '{SdId}', '{StatusNames<HandoffStatus>.ToColumn(Status)}', 'x', {Prepared.Sql}, {Sent.Sql}, {Answered.Sql})";

    public bool IsAnswered => Status is HandoffStatus.Accepted or HandoffStatus.Rejected;
}
