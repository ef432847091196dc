using System.Text.RegularExpressions;
using LeoPS.Schema;

namespace LeoPS.Postgres.Schema;

/// <summary>Tells whether two definitions printed by a server mean the same.</summary>
/// <remarks>
/// A check over varchar comes back from a dump and restore with its casts and parentheses elsewhere:
/// <c>(ARRAY['a'::character varying])::text[]</c> becomes <c>ARRAY[('a'::character varying)::text]</c>.
/// </remarks>
internal static partial class DefinitionText
{
    /// <summary>True where the two differ in nothing but casts between text types and superfluous parentheses.</summary>
    public static bool Same(SchemaItemKind kind, string expected, string actual) =>
        expected == actual
        || (kind is SchemaItemKind.Constraint or SchemaItemKind.Index or SchemaItemKind.Policy or SchemaItemKind.Trigger
            && Normalize(expected).SequenceEqual(Normalize(actual), StringComparer.Ordinal));

    private static List<string> Normalize(string definition)
    {
        var tokens = Token().Matches(definition).Select(match => match.Value).Where(token => !TextCast().IsMatch(token)).ToList();
        while (FindParentheses(tokens) is { } pair)
        {
            tokens.RemoveAt(pair.Close);
            tokens.RemoveAt(pair.Open);
        }

        return tokens;
    }

    // A pair is superfluous around a single token (unless it is a call's) and around another pair.
    private static (int Open, int Close)? FindParentheses(List<string> tokens)
    {
        var opened = new Stack<int>();
        (int Open, int Close) inner = (-1, -1);
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i] == "(")
            {
                opened.Push(i);
            }
            else if (tokens[i] == ")" && opened.TryPop(out var open))
            {
                if (inner == (open + 1, i - 1) || (i == open + 2 && !IsCall(tokens, open)))
                {
                    return (open, i);
                }

                inner = (open, i);
            }
        }

        return null;
    }

    private static bool IsCall(List<string> tokens, int open) => open > 0 && (char.IsLetterOrDigit(tokens[open - 1][^1]) || tokens[open - 1][^1] is '_' or '"');

    [GeneratedRegex("""::\s*(character varying|text)\b(\(\d+\))?(\[\])?|'([^']|'')*'|"([^"]|"")*"|[\w.]+|::|\S""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Token();

    [GeneratedRegex("^::.", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TextCast();
}
