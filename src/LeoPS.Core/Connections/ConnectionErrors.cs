namespace LeoPS;

/// <summary>The refusals of everything a user can write to say where to connect. None repeats what was written: it may hold a password.</summary>
internal static class ConnectionErrors
{
    /// <summary>ConnectionFailed for settings that cannot be read.</summary>
    /// <param name="source">Where they came from: "-Uri", "DATABASE_URL".</param>
    /// <param name="reason">What is wrong and what to do, without the text itself.</param>
    public static LeoException Unreadable(string source, string reason)
        => new(LeoErrorId.ConnectionFailed, $"The connection settings from {source} cannot be read: {reason}.");
}
