using LeoPS.Postgres.Statements;
using LeoPS.Text;

namespace LeoPS.Postgres.Tables;

/// <summary>Conditions on names that people give with PowerShell's wildcards.</summary>
internal static class PatternSql
{
    private const int MaxPatternLength = 1000;

    /// <summary>
    /// The plain names and the patterns among those given, as two values: texts to be equal to, regular expressions for ~*. A name that no column
    /// can hold is left out: no row has it, and the server would refuse the others with it.
    /// </summary>
    public static (string Names, string Patterns) Split(Statement statement, IReadOnlyList<string> given, string parameter) => (
        MoveSql.Texts(statement, given.Where(g => !Wildcard.IsPattern(g) && StoredText.IsStorable(g)).Select(Wildcard.Unescape)),
        MoveSql.Texts(statement, given.Where(Wildcard.IsPattern).Select(g => ToRegex(g, parameter))));

    /// <summary>The column is one of the names, or matches one of the patterns in any case.</summary>
    public static string Matches(Statement statement, string column, IReadOnlyList<string> given, string parameter)
    {
        (string names, string patterns) = Split(statement, given, parameter);
        return Array.Exists([.. given], Wildcard.IsPattern)
            ? $"({column} = any({names}) or {column} ~* any({patterns}))"
            : $"{column} = any({names})";
    }

    /// <summary>The column matches one of the patterns, or is one of the names, in any case.</summary>
    public static string MatchesInAnyCase(Statement statement, string column, IReadOnlyList<string> given, string parameter) =>
        $"{column} ~* any({MoveSql.Texts(statement, given.Select(g => ToRegex(g, parameter)))})";

    /// <summary>The server takes minutes of its processor over a regular expression of a megabyte.</summary>
    private static string ToRegex(string pattern, string parameter) => pattern.Length <= MaxPatternLength
        ? Wildcard.ToRegex(pattern)
        : throw new LeoException(LeoErrorId.ValueOutOfRange, $"A wildcard pattern of {pattern.Length:N0} characters was given for {parameter}; at most {MaxPatternLength:N0} are taken. Give several shorter ones.");
}
