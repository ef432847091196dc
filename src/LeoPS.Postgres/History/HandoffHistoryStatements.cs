using LeoPS.History;
using LeoPS.Postgres.Directives;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using Npgsql;

namespace LeoPS.Postgres.History;

/// <summary>The status changes of exec_handoff_preparations.</summary>
internal sealed class HandoffHistoryStatements : IHistoryStatements<HandoffHistoryEntry, HandoffHistoryQuery>
{
    public HistoryTable Table => HistoryTable.Handoffs;

    public string Labels => "x.sd_id, (select sd.sd_key from public.strategic_directives_v2 sd where sd.id = x.sd_id) as sd_key";

    public IEnumerable<string> Conditions(HandoffHistoryQuery query, Statement statement) =>
        query.SdIds is { } sdIds ? [DirectiveNames.Refers(statement, "x.sd_id", sdIds)] : [];

    public RowReader<HandoffHistoryEntry> Reader(NpgsqlDataReader reader) => new HandoffHistoryRowReader(reader);
}
