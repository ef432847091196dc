using LeoPS.Flows;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Statuses;
using NpgsqlTypes;

namespace LeoPS.Postgres.Flows;

/// <summary>A column of a flow that people write.</summary>
/// <param name="Field">Which.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">What its values travel as.</param>
/// <param name="Cast">What makes the column's type of it, beginning with "::"; empty for nothing.</param>
/// <param name="Of">Its value.</param>
internal sealed record FlowColumn(FlowFields Field, string Name, NpgsqlDbType Type, string Cast, Func<FlowValues, object?> Of)
{
    private static readonly IReadOnlyList<FlowColumn> _all =
    [
        new(FlowFields.FlowName, "flow_name", NpgsqlDbType.Text, "", v => v.FlowName),
        new(FlowFields.Description, "description", NpgsqlDbType.Text, "", v => v.Description),
        new(FlowFields.FlowDefinition, "flow_definition", NpgsqlDbType.Text, "::jsonb", v => v.FlowDefinition),
        new(FlowFields.Status, "status", NpgsqlDbType.Text, "", v => v.Status is { } status ? StatusNames<FlowStatus>.ToColumn(status) : null),
        new(FlowFields.Version, "version", NpgsqlDbType.Integer, "", v => v.Version),
        new(FlowFields.Tags, "tags", NpgsqlDbType.Text, "::text[]", v => v.Tags is { } tags ? ArrayLiteral.Of(tags) : null),
        new(FlowFields.Metadata, "metadata", NpgsqlDbType.Text, "::jsonb", v => v.Metadata),
        new(FlowFields.CreatedBy, "created_by", NpgsqlDbType.Uuid, "", v => v.CreatedBy),
    ];

    /// <summary>The columns of these fields.</summary>
    public static IReadOnlyList<FlowColumn> Among(FlowFields fields) => [.. _all.Where(c => (c.Field & fields) != FlowFields.None)];

    /// <summary>The values of several rows as an array of the column's own type.</summary>
    public string AddAll(Statement statement, IReadOnlyList<FlowValues> rows) => statement.Add(ColumnArray.Of(Type, rows.Select(Of)), NpgsqlDbType.Array | Type);

    /// <summary>One value, for all rows.</summary>
    public string AddOne(Statement statement, FlowValues values) => statement.Add(Of(values), Type) + Cast;
}
