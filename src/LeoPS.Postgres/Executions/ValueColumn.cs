using LeoPS.Executions;
using LeoPS.Postgres.Tables;
using LeoPS.Statuses;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Executions;

/// <summary>A column that a change of executions can write beside the status.</summary>
/// <param name="Name">Its name in the input; the column's own, but for one that only adds to it.</param>
/// <param name="Type">What its values travel as.</param>
/// <param name="Cast">What makes the column's type of it, beginning with "::"; empty for nothing.</param>
/// <param name="Of">Its value; null leaves the column as it is.</param>
/// <param name="Read">Reads it back into an object, as the server has it now; not for a null.</param>
internal sealed record ValueColumn(string Name, NpgsqlDbType Type, string Cast, Func<RunValues, object?> Of, Action<NpgsqlDataReader, int, FlowExecution> Read)
{
    /// <summary>metadata, which also takes the queue time of a run that starts.</summary>
    public static readonly ValueColumn Metadata = new("metadata", NpgsqlDbType.Text, "::jsonb", v => v.Metadata, (r, i, e) => e.RawMetadata = r.GetString(i));

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ValueColumn> All { get; } =
    [
        new("input_state", NpgsqlDbType.Text, "::jsonb", v => v.InputState, (r, i, e) => e.RawInputState = r.GetString(i)),
        new("output_state", NpgsqlDbType.Text, "::jsonb", v => v.OutputState, (r, i, e) => e.RawOutputState = r.GetString(i)),
        new("token_count", NpgsqlDbType.Integer, "", v => v.TokenCount, (r, i, e) => e.TokenCount = r.GetInt32(i)),
        new("cost_usd", NpgsqlDbType.Numeric, "", v => v.CostUsd, (r, i, e) => e.CostUsd = r.GetDecimal(i)),
        new("error_message", NpgsqlDbType.Text, "", v => v.Error?.Message, (r, i, e) => e.ErrorMessage = r.GetString(i)),
        new("error_stack", NpgsqlDbType.Text, "", v => v.Error?.Stack, (r, i, e) => e.ErrorStack = r.GetString(i)),
        new("error_type", NpgsqlDbType.Text, "", v => v.Error?.Type, (r, i, e) => e.ErrorType = r.GetString(i)),
        new("board_meeting_id", NpgsqlDbType.Uuid, "", v => v.BoardMeetingId, (r, i, e) => e.BoardMeetingId = r.GetGuid(i)),
        new("executed_by", NpgsqlDbType.Uuid, "", v => v.ExecutedBy, (r, i, e) => e.ExecutedBy = r.GetGuid(i)),
        new(
            "execution_mode",
            NpgsqlDbType.Text,
            "",
            v => v.ExecutionMode is { } mode ? StatusNames<ExecutionMode>.ToColumn(mode) : null,
            (r, i, e) => e.ExecutionMode = StatusNames<ExecutionMode>.TryFromColumn(r.GetString(i), out ExecutionMode mode) ? mode : null),
        new(Governance.VentureId, NpgsqlDbType.Uuid, "", v => v.VentureId, Whole) { IsOfGovernance = true },
        new(Governance.PrdId, NpgsqlDbType.Uuid, "", v => v.PrdId, Whole) { IsOfGovernance = true },
        new(Governance.SdId, NpgsqlDbType.Text, "", v => v.SdId, Whole) { IsOfGovernance = true },
        new(Governance.BudgetLimit, NpgsqlDbType.Integer, "", v => v.BudgetLimit, Whole) { IsOfGovernance = true },
        new(Governance.BudgetConsumed, NpgsqlDbType.Integer, "", v => v.BudgetConsumed, Whole) { IsOfGovernance = true },
        new(Governance.KilledByBudget, NpgsqlDbType.Boolean, "", v => v.KilledByBudget, Whole) { IsOfGovernance = true },
        Metadata,
        new("added_metadata", NpgsqlDbType.Text, "::jsonb", v => v.AddedMetadata, (r, i, e) => e.RawMetadata = r.GetString(i)) { Column = "metadata", Adds = true },
    ];

    /// <summary>The column of the table that it is written to.</summary>
    public string Column { get; private init; } = Name;

    /// <summary>True for a column that only the wider form of the table has: it is read with the row's additional columns, so that rows are to be returned whole.</summary>
    public bool IsOfGovernance { get; private init; }

    /// <summary>True where its members are added to what is there.</summary>
    public bool Adds { get; private init; }

    /// <summary>The columns that at least one of these brings a value for.</summary>
    public static IReadOnlyList<ValueColumn> UsedBy(IReadOnlyList<RunValues> values) => [.. All.Where(c => values.Any(v => c.Of(v) is not null))];

    /// <summary>The input's value where it has one, or else the row's own.</summary>
    public string OrAsItIs(string alias) => Adds
        ? $"case when i.{Name} is not null and jsonb_typeof(coalesce({alias}.{Column}, '{{}}')) = 'object' then coalesce({alias}.{Column}, '{{}}') || i.{Name}{Cast} else {alias}.{Column} end"
        : $"coalesce(i.{Name}{Cast}, {alias}.{Column})";

    private static void Whole(NpgsqlDataReader reader, int ordinal, FlowExecution row) =>
        throw new InvalidOperationException("A column of governance is read with the row's additional columns.");

    /// <summary>The values as an array of the column's own type.</summary>
    public Array ArrayOf(IReadOnlyList<RunValues> values) => ColumnArray.Of(Type, values.Select(Of));
}
