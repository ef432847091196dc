namespace LeoPS;

/// <summary>Which of several hosts is wanted, in the words of libpq's target_session_attrs.</summary>
public static class TargetSession
{
    /// <summary>Whichever answers first.</summary>
    internal const string Any = "any";

    private const string ReadWrite = "read-write";
    private const string PreferStandby = "prefer-standby";

    /// <summary>The words; prefer-primary is not libpq's.</summary>
    internal static IReadOnlyList<string> Words { get; } = [Any, ReadWrite, "read-only", "primary", "standby", PreferStandby, "prefer-primary"];

    /// <summary>
    /// What is wanted of the settings' hosts: what was said; where nothing was, of one host whatever it is, and of several one that can be written
    /// to, or a standby where nothing may be written.
    /// </summary>
    public static string Of(ConnectionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return settings.TargetSession ?? (settings.Hosts.Count == 1 ? Any : settings.ReadOnly ? PreferStandby : ReadWrite);
    }
}
