using LeoPS.Changes;
using LeoPS.Statuses;

namespace LeoPS.Sessions;

/// <summary>What an edit writes into implementation sessions.</summary>
public static class SessionWritable
{
    private static readonly WritableColumn _status = new("-Status", "status");
    private static readonly WritableColumn _type = new("-ImplementationType", "implementation_type");
    private static readonly WritableColumn _progress = new("-Progress", "implementation_progress");

    /// <summary>The table. completed_at is stamped where a session ends, and may be given.</summary>
    public static WritableTable Table { get; } = new("exec_implementation_sessions", [_status, _type, _progress], ["id", "sd_id", "created_at", "updated_at"]);

    /// <summary>The values of an edit; null for what is not given.</summary>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public static RowValues Values(SessionStatus? status, ImplementationType? type, int? progress, string? additionalColumns)
    {
        List<(WritableColumn, string?)> given = [];
        if (status is { } target)
        {
            given.Add((_status, StatusNames<SessionStatus>.ToColumn(target)));
        }

        if (type is { } kind)
        {
            given.Add((_type, StatusNames<ImplementationType>.ToColumn(kind)));
        }

        if (progress is { } percent)
        {
            given.Add((_progress, RowValues.Percentage("-Progress", percent)));
        }

        return new RowValues(given, additionalColumns);
    }
}
