using System.Text;

namespace LeoPS;

/// <summary>libpq's options, split as the server splits its command line.</summary>
/// <param name="Settings">What sets a parameter: "-c name=value" and "--name=value", in their order.</param>
/// <param name="Rest">Everything else, such as the name of a project that a pooler is to find; null for nothing.</param>
public sealed record ServerOptions(IReadOnlyList<KeyValuePair<string, string>> Settings, string? Rest)
{
    /// <summary>Splits options; null is none.</summary>
    public static ServerOptions Read(string? options)
    {
        var settings = new List<KeyValuePair<string, string>>();
        var rest = new List<string>();
        string[] words = [.. Words(options ?? "")];
        for (int i = 0; i < words.Length; i++)
        {
            string word = words[i];
            string? setting = word == "-c" && i + 1 < words.Length ? words[i + 1]
                : word.StartsWith("--", StringComparison.Ordinal) ? word[2..]
                : word.StartsWith("-c", StringComparison.Ordinal) ? word[2..]
                : null;
            int equals = setting?.IndexOf('=') ?? -1;
            if (equals <= 0)
            {
                rest.Add(word.Replace(@"\", @"\\", StringComparison.Ordinal).Replace(" ", @"\ ", StringComparison.Ordinal));
                continue;
            }

            i += word == "-c" ? 1 : 0;
            settings.Add(new KeyValuePair<string, string>(setting![..equals].Replace('-', '_'), setting[(equals + 1)..]));
        }

        return new ServerOptions(settings, rest.Count == 0 ? null : string.Join(' ', rest));
    }

    /// <summary>Words between blanks; a backslash takes the next character as it is.</summary>
    private static IEnumerable<string> Words(string options)
    {
        var word = new StringBuilder();
        bool inWord = false;
        for (int i = 0; i < options.Length; i++)
        {
            if (char.IsWhiteSpace(options[i]))
            {
                if (inWord)
                {
                    yield return word.ToString();
                }

                word.Clear();
                inWord = false;
                continue;
            }

            if (options[i] == '\\' && i + 1 < options.Length)
            {
                i++;
            }

            word.Append(options[i]);
            inWord = true;
        }

        if (inWord)
        {
            yield return word.ToString();
        }
    }
}
