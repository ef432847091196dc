using LeoPS.Executions;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.History;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Postgres.Watching;
using LeoPS.Statuses;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Executions;

/// <summary>The changes of crewai_flow_executions as they happen.</summary>
internal sealed class ExecutionWatchStatements : IWatchStatements<FlowExecution, ExecutionWatch>
{
    public HistoryTable History => HistoryTable.Executions;

    public string Stamps => "started_at and completed_at";

    public TableSql For(RelationShape shape) => new ExecutionSql(shape);

    public IEnumerable<string> Conditions(ExecutionWatch watch, Statement statement)
    {
        if (Of(watch, "x.row_id", "x.flow_id", statement) is { } of)
        {
            yield return of;
        }

        if (watch.FlowKeys is { } flowKeys)
        {
            yield return ExecutionFilterSql.OfFlows(statement, "x.flow_id", flowKeys);
        }

        if (watch.ExecutionKeys is { } executionKeys)
        {
            yield return PatternSql.Matches(statement, "x.execution_key", executionKeys, "-ExecutionKey");
        }

        if (watch.Statuses is { } statuses)
        {
            yield return ConditionSql.IsOneOf(statement, "x.to_status", statuses);
        }

        if (watch.BoardMeetingIds is { } meetings)
        {
            // The one condition that the history has no column for.
            yield return $"exists (select from {ExecutionColumns.Definition.QualifiedName} b where b.id = x.row_id and {ConditionSql.IsOneOf(statement, "b.board_meeting_id", meetings)})";
        }
    }

    public Statement StampedAfter(DateTime time, RelationShape shape, ExecutionWatch watch)
    {
        var statement = new Statement();
        string bound = statement.Add(time, NpgsqlDbType.TimestampTz);
        string after = $"(e.started_at > {bound} or e.completed_at > {bound})";
        string? of = Of(watch, "e.id", "e.flow_id", statement);
        var filter = new ExecutionFilter
        {
            FlowKeys = watch.FlowKeys,
            ExecutionKeys = watch.ExecutionKeys,
            Statuses = watch.Statuses,
            BoardMeetingIds = watch.BoardMeetingIds,
        };
        string where = ExecutionFilterSql.Where(filter, statement, of is null ? after : $"{after} and {of}");
        statement.Text = For(shape).Select(where, KeysetSql.OrderBy("coalesce(e.completed_at, e.started_at)", "e.id", descending: false), "");
        return statement;
    }

    public RowReader<FlowExecution> Reader(NpgsqlDataReader reader) => new ExecutionRowReader(reader);

    public (Guid Id, object Version) VersionOf(FlowExecution row) => (row.Id, (row.RowVersion, row.Status, row.CompletedAt));

    public FlowExecution? AsOf(FlowExecution row, string status) =>
        StatusNames<ExecutionStatus>.TryFromColumn(status, out ExecutionStatus known) ? row.Superseded(known) : null;

    /// <summary>One of the executions, or one of the flows; null where neither is asked for.</summary>
    private static string? Of(ExecutionWatch watch, string id, string flowId, Statement statement)
    {
        List<string> either = [];
        if (watch.Ids is { } ids)
        {
            either.Add(ConditionSql.IsOneOf(statement, id, ids));
        }

        if (watch.FlowIds is { } flowIds)
        {
            either.Add(ConditionSql.IsOneOf(statement, flowId, flowIds));
        }

        return either.Count == 0 ? null : $"({string.Join(" or ", either)})";
    }
}
