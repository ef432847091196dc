using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.Postgres.Executions;

/// <summary>Makes executions of rows.</summary>
internal sealed class ExecutionRowReader(NpgsqlDataReader reader) : RowReader<FlowExecution>(reader, ExecutionColumns.Definition)
{
    /// <summary>The rows that a statement made; each knows that it is new. Not to be cancelled: see <see cref="RowReader{TRow}.AllMadeAsync"/>.</summary>
    public async Task<IReadOnlyList<ReadItem<FlowExecution>>> AllNewAsync()
    {
        IReadOnlyList<ReadItem<FlowExecution>> made = await AllMadeAsync().ConfigureAwait(false);
        foreach (ReadItem<FlowExecution> item in made)
        {
            item.Row.IsNew = true;
        }

        return made;
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
        RawAdditionalColumns = Text(BeyondColumn),
        FlowKey = Text(NamesColumn),
        FlowName = Text(NamesColumn + 1),
    };
}
