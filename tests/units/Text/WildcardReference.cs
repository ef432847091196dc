using System.Text;

namespace LeoPS.Units.Text;

/// <summary>PowerShell's wildcards by plain backtracking, case-blind, character by character: slow, short, and nothing like the code it judges.</summary>
internal static class WildcardReference
{
    /// <summary>Null where the pattern is not valid.</summary>
    public static bool? Matches(string pattern, string text)
    {
        List<Func<Rune, bool>?>? steps = Compile(pattern.EnumerateRunes().ToArray());
        return steps is null ? null : Matches(steps, 0, text.EnumerateRunes().ToArray(), 0);
    }

    private static bool Matches(List<Func<Rune, bool>?> steps, int s, Rune[] text, int t)
    {
        if (s == steps.Count)
        {
            return t == text.Length;
        }

        return steps[s] is { } step
            ? t < text.Length && step(text[t]) && Matches(steps, s + 1, text, t + 1)
            : Enumerable.Range(t, text.Length - t + 1).Any(rest => Matches(steps, s + 1, text, rest));
    }

    /// <summary>One test per character, null for a star.</summary>
    private static List<Func<Rune, bool>?>? Compile(Rune[] pattern)
    {
        var steps = new List<Func<Rune, bool>?>();
        for (int i = 0; i < pattern.Length; i++)
        {
            char c = pattern[i].IsAscii ? (char)pattern[i].Value : 'x';
            if (c == '*')
            {
                steps.Add(null);
            }
            else if (c == '?')
            {
                steps.Add(_ => true);
            }
            else if (c == '[')
            {
                Func<Rune, bool>? set = CompileSet(pattern, ref i);
                if (set is null)
                {
                    return null;
                }

                steps.Add(set);
            }
            else
            {
                Rune literal = c == '`' && i + 1 < pattern.Length ? pattern[++i] : pattern[i];
                steps.Add(rune => Same(rune, literal));
            }
        }

        return steps;
    }

    private static Func<Rune, bool>? CompileSet(Rune[] pattern, ref int i)
    {
        var members = new List<Rune>();
        var dashes = new List<bool>();
        for (i++; i < pattern.Length; i++)
        {
            bool escaped = pattern[i].Value == '`';
            if (pattern[i].Value == ']' && members.Count > 0)
            {
                return ToTest(members, dashes);
            }

            if (escaped && ++i == pattern.Length)
            {
                return null;
            }

            members.Add(pattern[i]);
            dashes.Add(!escaped && pattern[i].Value == '-');
        }

        return null;
    }

    private static Func<Rune, bool>? ToTest(List<Rune> members, List<bool> dashes)
    {
        var ranges = new List<(Rune Low, Rune High)>();
        for (int m = 0; m < members.Count; m++)
        {
            bool range = m + 2 < members.Count && dashes[m + 1];
            ranges.Add((members[m], members[range ? m + 2 : m]));
            m += range ? 2 : 0;
        }

        return ranges.Exists(r => r.Low > r.High)
            ? null
            : rune => Cases(rune).Any(c => ranges.Exists(r => c >= r.Low && c <= r.High));
    }

    private static bool Same(Rune a, Rune b) => Cases(a).Contains(b);

    private static Rune[] Cases(Rune rune) => [rune, Rune.ToUpperInvariant(rune), Rune.ToLowerInvariant(rune)];
}
