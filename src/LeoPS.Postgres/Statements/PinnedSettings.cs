namespace LeoPS.Postgres.Statements;

/// <summary>
/// The server settings on which the meaning of what LeoPS reads and writes depends. The server, the database, the role, PGOPTIONS or another
/// client of a pooled session may have others. They are startup options; where a pooler refuses or drops those, each transaction sets them.
/// </summary>
internal static class PinnedSettings
{
    /// <summary>The driver sends these two at startup by itself, and every pooler takes them.</summary>
    private static readonly KeyValuePair<string, string>[] _ofDriver = [new("client_encoding", "UTF8"), new("TimeZone", "UTC")];

    private static readonly KeyValuePair<string, string>[] _ofOptions =
    [
        new("DateStyle", "ISO, MDY"),
        new("IntervalStyle", "postgres"),

        // Every digit of a floating-point number.
        new("extra_float_digits", "3"),
        new("bytea_output", "hex"),
        new("standard_conforming_strings", "on"),
        new("array_nulls", "on"),

        // Definitions of the catalog, with which Test-LeoSchema compares.
        new("quote_all_identifiers", "off"),

        // "off" fails every statement on a table whose policies bind the role.
        new("row_security", "on"),
    ];

    /// <summary>Implicit transactions; explicit ones name their isolation level themselves.</summary>
    private static readonly KeyValuePair<string, string> _isolation = new("default_transaction_isolation", "read committed");

    /// <summary>As options at startup, behind the user's own: the last one counts.</summary>
    public static string StartupOptions { get; } = string.Join(
        ' ', _ofOptions.Append(_isolation).Select(s => $"-c {s.Key}={s.Value.Replace(" ", "\\ ", StringComparison.Ordinal)}"));

    /// <summary>
    /// Calls that set them until the end of the transaction. client_encoding comes first, in a command ahead of every other: the server
    /// converts a parameter when it arrives.
    /// </summary>
    public static string LocalCalls { get; } = string.Join(", ", _ofDriver.Concat(_ofOptions).Select(s => $"set_config('{s.Key}', '{s.Value}', true)"));

    /// <summary>An expression: how many of them a session has otherwise.</summary>
    public static string CountOfOthers { get; } =
        $"(select count(*) from (values {string.Join(", ", _ofDriver.Concat(_ofOptions).Append(_isolation).Select(s => $"('{s.Key}', '{s.Value}')"))}) "
        + "as pinned (name, value) where current_setting(pinned.name) <> pinned.value)";

    /// <summary>True for a setting that a user's options cannot change.</summary>
    public static bool Has(string name) =>
        _ofDriver.Concat(_ofOptions).Append(_isolation).Any(s => string.Equals(s.Key, name, StringComparison.OrdinalIgnoreCase));
}
