using LeoPS.Handoffs;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Directives;
using LeoPS.Postgres.History;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Postgres.Watching;
using LeoPS.Statuses;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Handoffs;

/// <summary>The changes of exec_handoff_preparations as they happen.</summary>
internal sealed class HandoffWatchStatements : IWatchStatements<HandoffPreparation, HandoffWatch>
{
    public HistoryTable History => HistoryTable.Handoffs;

    public string Stamps => "updated_at";

    public TableSql For(RelationShape shape) => new HandoffSql(shape);

    public IEnumerable<string> Conditions(HandoffWatch watch, Statement statement)
    {
        if (watch.Statuses is { } statuses)
        {
            yield return ConditionSql.IsOneOf(statement, "x.to_status", statuses);
        }

        if (watch.SdIds is { } sdIds)
        {
            yield return DirectiveNames.Refers(statement, "x.sd_id", sdIds);
        }
    }

    public Statement StampedAfter(DateTime time, RelationShape shape, HandoffWatch watch)
    {
        var statement = new Statement();
        string after = $"h.updated_at > {statement.Add(time, NpgsqlDbType.TimestampTz)}";
        string where = HandoffFilterSql.Where(new HandoffFilter { SdIds = watch.SdIds, Statuses = watch.Statuses }, statement, after);
        statement.Text = For(shape).Select(where, KeysetSql.OrderBy("h.updated_at", "h.id", descending: false), "");
        return statement;
    }

    public RowReader<HandoffPreparation> Reader(NpgsqlDataReader reader) => new HandoffRowReader(reader);

    public (Guid Id, object Version) VersionOf(HandoffPreparation row) => (row.Id, (row.RowVersion, row.Status, row.UpdatedAt));

    public HandoffPreparation? AsOf(HandoffPreparation row, string status) =>
        StatusNames<HandoffStatus>.TryFromColumn(status, out HandoffStatus known) ? row.Superseded(known) : null;
}
