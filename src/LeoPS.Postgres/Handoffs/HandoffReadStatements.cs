using LeoPS.Handoffs;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using Npgsql;

namespace LeoPS.Postgres.Handoffs;

/// <summary>The statements of a reading of handoffs.</summary>
internal sealed class HandoffReadStatements(HandoffSql sql) : ReadStatements<HandoffPreparation, HandoffFilter, HandoffOrder>(sql)
{
    public override RowReader<HandoffPreparation> Reader(NpgsqlDataReader reader) => new HandoffRowReader(reader);

    protected override IEnumerable<string> Conditions(HandoffFilter filter, Statement statement) => HandoffFilterSql.Conditions(filter, statement);

    protected override (string Column, string Type) Column(HandoffOrder order) => order switch
    {
        HandoffOrder.Id => ("h.id", "uuid"),
        HandoffOrder.PreparedAt => ("h.prepared_at", "timestamptz"),
        HandoffOrder.SentAt => ("h.sent_at", "timestamptz"),
        HandoffOrder.ResponseAt => ("h.response_at", "timestamptz"),
        HandoffOrder.CreatedAt => ("h.created_at", "timestamptz"),
        HandoffOrder.UpdatedAt => ("h.updated_at", "timestamptz"),
        HandoffOrder.SdId => ("h.sd_id", "text"),
        HandoffOrder.Status => ("h.handoff_status", "text"),
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };
}
