using Npgsql;

namespace LeoPS.Postgres.History;

/// <summary>Makes entries of the status changes of handoffs.</summary>
internal sealed class HandoffHistoryRowReader(NpgsqlDataReader reader) : HistoryRowReader<HandoffHistoryEntry>(reader, HistoryTable.Handoffs)
{
    protected override HandoffHistoryEntry MakeEntry() => new()
    {
        From = Name<HandoffStatus>(From),
        To = Name<HandoffStatus>(To),
        SdId = Text(Label),
        SdKey = Text(Label + 1),
    };
}
