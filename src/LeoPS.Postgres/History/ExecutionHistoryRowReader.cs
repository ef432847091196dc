using Npgsql;

namespace LeoPS.Postgres.History;

/// <summary>Makes entries of the status changes of executions.</summary>
internal sealed class ExecutionHistoryRowReader(NpgsqlDataReader reader) : HistoryRowReader<FlowExecutionHistoryEntry>(reader, HistoryTable.Executions)
{
    protected override FlowExecutionHistoryEntry MakeEntry() => new()
    {
        From = Name<ExecutionStatus>(From),
        To = Name<ExecutionStatus>(To),
        FlowId = NullableId(Label),
        ExecutionKey = Text(Label + 1),
        FlowKey = Text(Label + 2),
    };
}
