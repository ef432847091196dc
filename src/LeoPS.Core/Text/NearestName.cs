namespace LeoPS.Text;

/// <summary>Finds what somebody meant who wrote a name that is not known.</summary>
public static class NearestName
{
    /// <summary>The known name that is most like a text, case and underscores apart; null where none is like it.</summary>
    public static string? Find(string text, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(text);
        string wanted = Plain(text);
        if (wanted.Length is 0 or > 100)
        {
            return null;
        }

        (string Name, int Distance) best = known.Select(name => (name, Distance(wanted, Plain(name)))).OrderBy(pair => pair.Item2).FirstOrDefault();
        return best.Name is not null && best.Distance <= Math.Max(1, wanted.Length / 3) ? best.Name : null;
    }

    private static string Plain(string text) => text.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>How many letters have to be put in, taken out or replaced to make one of the other.</summary>
    private static int Distance(string a, string b)
    {
        int[] above = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int[] row = new int[b.Length + 1];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(Math.Min(row[j - 1], above[j]) + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            }

            above = row;
        }

        return above[^1];
    }
}
