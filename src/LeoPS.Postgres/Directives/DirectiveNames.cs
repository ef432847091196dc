using LeoPS.Directives;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Text;

namespace LeoPS.Postgres.Directives;

/// <summary>Strategic directives by what people call them: an id, a key, a pattern of either. An id wins over another directive's key of the same text.</summary>
internal static class DirectiveNames
{
    private const string Parameter = "-SdId";
    private const string Uuid = "'^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$'";

    /// <summary>
    /// The id that one name means, as an expression; null where no visible directive has it. A UUID is looked up in lower and in upper case, too; each of
    /// the look-ups is one by an index, and the last ones happen only where the others find nothing.
    /// </summary>
    public static string Resolve(string name) => $"""
        coalesce(
            (select k.id from public.strategic_directives_v2 k where k.id = {name}),
            (select k.id from public.strategic_directives_v2 k where k.sd_key = {name}),
            (select min(k.id) from public.strategic_directives_v2 k where {name} ~ {Uuid} and k.id = any(array[lower({name}), upper({name})])))
        """;

    /// <summary>The column holds an id that one name, an expression, may be stored as; see <see cref="DirectiveIds.Spellings"/>.</summary>
    public static string IsId(string column, string name) =>
        $"{column} = any(case when {name} ~ {Uuid} then array[{name}, lower({name}), upper({name})] else array[{name}] end)";

    /// <summary>The column refers to one of the directives that are named, seen or not.</summary>
    public static string Refers(Statement statement, string column, IReadOnlyList<string> given)
    {
        (string names, string patterns) = Split(statement, given);
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
        string all = Texts(statement, names);
        return $"({column} = any({all}) or {column} in (select sd.id from public.strategic_directives_v2 sd where {IsKey(all)}))";
    }

    /// <summary>The directive is one of those that are named.</summary>
    public static string Is(Statement statement, IReadOnlyList<string> given)
    {
        (string names, string patterns) = Split(statement, given);
        // A regular expression keeps the indexes out, so it stands there only where there is one.
        return given.Any(Wildcard.IsPattern)
            ? $"(sd.id = any({names}) or {IsKey(names)} or sd.id ~* any({patterns}) or sd.sd_key ~* any({patterns}))"
            : $"(sd.id = any({names}) or {IsKey(names)})";
    }

    /// <summary>The same for names without wildcards.</summary>
    public static string IsOneOf(Statement statement, IReadOnlyList<string> names)
    {
        string all = Texts(statement, names);
        return $"(sd.id = any({all}) or {IsKey(all)})";
    }

    private static (string Names, string Patterns) Split(Statement statement, IReadOnlyList<string> given) =>
        PatternSql.Split(statement, [.. given.SelectMany(g => Wildcard.IsPattern(g) ? [g] : DirectiveIds.Spellings(g))], Parameter);

    private static string Texts(Statement statement, IReadOnlyList<string> names) => MoveSql.Texts(statement, names.SelectMany(DirectiveIds.Spellings));

    private static string IsKey(string names) => $"""
        (sd.sd_key = any({names}) and not exists (
                    select from public.strategic_directives_v2 other where other.id = sd.sd_key))
        """;
}
