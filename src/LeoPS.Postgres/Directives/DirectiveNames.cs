using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Text;

namespace LeoPS.Postgres.Directives;

/// <summary>Strategic directives by what people call them: an id, a key, a pattern of either. An id wins over another directive's key of the same text.</summary>
internal static class DirectiveNames
{
    private const string Parameter = "-SdId";

    /// <summary>The id that one name means, as an expression; null where no visible directive has it.</summary>
    public static string Resolve(string name) => $"""
        coalesce(
            (select k.id from public.strategic_directives_v2 k where k.id = {name}),
            (select k.id from public.strategic_directives_v2 k where k.sd_key = {name}))
        """;

    /// <summary>The column refers to one of the directives that are named, seen or not.</summary>
    public static string Refers(Statement statement, string column, IReadOnlyList<string> given)
    {
        (string names, string patterns) = PatternSql.Split(statement, given, Parameter);
        return $"""
            ({column} = any({names}) or {column} ~* any({patterns}) or {column} in (
                select sd.id
                from public.strategic_directives_v2 sd
                where sd.sd_key ~* any({patterns}) or {IsKey(names)}
            ))
            """;
    }

    /// <summary>The same for names without wildcards.</summary>
    public static string RefersTo(Statement statement, string column, IReadOnlyList<string> names)
    {
        string all = MoveSql.Texts(statement, names);
        return $"({column} = any({all}) or {column} in (select sd.id from public.strategic_directives_v2 sd where {IsKey(all)}))";
    }

    /// <summary>The directive is one of those that are named.</summary>
    public static string Is(Statement statement, IReadOnlyList<string> given)
    {
        (string names, string patterns) = PatternSql.Split(statement, given, Parameter);
        // A regular expression keeps the indexes out, so it stands there only where there is one.
        return given.Any(Wildcard.IsPattern)
            ? $"(sd.id = any({names}) or {IsKey(names)} or sd.id ~* any({patterns}) or sd.sd_key ~* any({patterns}))"
            : $"(sd.id = any({names}) or {IsKey(names)})";
    }

    /// <summary>The same for names without wildcards.</summary>
    public static string IsOneOf(Statement statement, IReadOnlyList<string> names)
    {
        string all = MoveSql.Texts(statement, names);
        return $"(sd.id = any({all}) or {IsKey(all)})";
    }

    private static string IsKey(string names) => $"""
        (sd.sd_key = any({names}) and not exists (
                    select from public.strategic_directives_v2 other where other.id = sd.sd_key))
        """;
}
