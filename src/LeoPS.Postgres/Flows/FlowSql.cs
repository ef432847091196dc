using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Flows;

/// <summary>Every statement over crewai_flows beside those that all tables have.</summary>
internal sealed class FlowSql(RelationShape shape) : TableSql(shape, FlowColumns.Definition);
