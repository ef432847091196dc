using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.Postgres.Executions;

/// <summary>Makes executions of rows.</summary>
internal sealed class ExecutionRowReader(NpgsqlDataReader reader) : RowReader<FlowExecution>(reader, ExecutionColumns.Definition)
{
    /// <summary>Rows that a statement made, with their versions; each knows that it is new.</summary>
    public static async Task<IReadOnlyList<ReadItem<FlowExecution>>> AsNewAsync(
        StatementScope scope, ExecutionSql sql, IReadOnlyList<ReadItem<FlowExecution>> made)
    {
        IReadOnlyList<ReadItem<FlowExecution>> rows =
            await Reread.RunAsync(scope, sql, reader => new ExecutionRowReader(reader), made, row => row.Id).ConfigureAwait(false);
        foreach (ReadItem<FlowExecution> item in rows)
        {
            item.Row.IsNew = true;
        }

        return rows;
    }

    protected override object IdOf(FlowExecution row) => row.Id;

    protected override FlowExecution Make() => new()
    {
        Id = Id(0),
        FlowId = Id(1),
        ExecutionKey = RequiredText(2),
        RawInputState = Text(3),
        RawOutputState = Text(4),
        Status = Name<ExecutionStatus>(5),
        ErrorMessage = Text(6),
        ErrorStack = Text(7),
        ErrorType = Text(8),
        StartedAt = Stamp(9),
        CompletedAt = Stamp(10),
        DurationMs = Integer(11),
        TokenCount = Integer(12),
        CostUsd = Number(13),
        BoardMeetingId = NullableId(14),
        ExecutedBy = NullableId(15),
        ExecutionMode = Name<ExecutionMode>(16),
        RawMetadata = Text(17),
        RowVersion = Version(RowVersionColumn),
        RawAdditionalColumns = Additional(),
        FlowKey = Text(NamesColumn),
        FlowName = Text(NamesColumn + 1),
    };
}
