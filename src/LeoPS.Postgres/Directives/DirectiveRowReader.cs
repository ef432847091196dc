using LeoPS.Postgres.Tables;
using Npgsql;

namespace LeoPS.Postgres.Directives;

/// <summary>Makes strategic directives of rows.</summary>
internal sealed class DirectiveRowReader(NpgsqlDataReader reader) : RowReader<StrategicDirective>(reader, DirectiveColumns.Definition)
{
    protected override object IdOf(StrategicDirective row) => row.Id;

    protected override StrategicDirective Make() => new()
    {
        Id = RequiredText(0),
        SdKey = Text(1),
        Title = Text(2),
        Status = Text(3),
        Category = Text(4),
        Priority = Text(5),
        Description = Text(6),
        Rationale = Text(7),
        Scope = Text(8),
        CreatedAt = Stamp(9),
        UpdatedAt = Stamp(10),
        RowVersion = Version(RowVersionColumn),
        RawAdditionalColumns = Additional(),
    };
}
