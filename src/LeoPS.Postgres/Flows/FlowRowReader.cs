using LeoPS.Postgres.Tables;
using LeoPS.Statuses;
using Npgsql;

namespace LeoPS.Postgres.Flows;

/// <summary>Makes flows of rows.</summary>
internal sealed class FlowRowReader(NpgsqlDataReader reader) : RowReader<Flow>(reader, FlowColumns.Definition)
{
    /// <summary>The status of a flow in another statement's column; null where there is none, or one that is not known.</summary>
    public static FlowStatus? StatusAt(NpgsqlDataReader reader, int ordinal) =>
        !reader.IsDBNull(ordinal) && StatusNames<FlowStatus>.TryFromColumn(reader.GetString(ordinal), out FlowStatus known) ? known : null;

    protected override object IdOf(Flow row) => row.Id;

    protected override Flow Make() => new()
    {
        Id = Id(0),
        FlowKey = RequiredText(1),
        FlowName = RequiredText(2),
        Description = Text(3),
        RawFlowDefinition = Text(4),
        Status = Name<FlowStatus>(5),
        Version = Integer(6),
        CreatedBy = NullableId(7),
        Tags = Array(8),
        RawMetadata = Text(9),
        ExecutionCount = Integer(10),
        LastExecutedAt = Stamp(11),
        CreatedAt = Stamp(12),
        UpdatedAt = Stamp(13),
        RowVersion = Version(RowVersionColumn),
        RawAdditionalColumns = Additional(),
        ContentHash = Text(ContentHashColumn),
    };
}
