using LeoPS.Postgres.Tables;
using Npgsql;

namespace LeoPS.Postgres.Sessions;

/// <summary>Makes implementation sessions of rows.</summary>
internal sealed class SessionRowReader(NpgsqlDataReader reader) : RowReader<ImplementationSession>(reader, SessionColumns.Definition)
{
    protected override object IdOf(ImplementationSession row) => row.Id;

    protected override ImplementationSession Make() => new()
    {
        Id = Id(0),
        SdId = RequiredText(1),
        Status = Name<SessionStatus>(2),
        ImplementationType = Name<ImplementationType>(3),
        StartedAt = Stamp(4),
        CompletedAt = Stamp(5),
        CreatedAt = Stamp(6),
        UpdatedAt = Stamp(7),
        RowVersion = Version(RowVersionColumn),
        RawAdditionalColumns = Additional(),
        SdKey = Text(NamesColumn),
        SdTitle = Text(NamesColumn + 1),
    };
}
