namespace LeoPS;

/// <summary>The login methods that a server may ask for, in the words of libpq's require_auth.</summary>
public static class LoginMethods
{
    /// <summary>The only one that channel binding exists for.</summary>
    internal const string Scram = "scram-sha-256";

    private const string OAuth = "oauth";

    /// <summary>All that LeoPS can log in with; "none" is a server that asks for nothing.</summary>
    public static IReadOnlyList<string> All { get; } = ["password", "md5", "gss", "sspi", Scram, "none"];

    /// <summary>Those that settings accept, at least one.</summary>
    /// <exception cref="LeoException">ConnectionFailed where channel_binding=require and require_auth leave none.</exception>
    public static IReadOnlyList<string> AcceptedBy(ConnectionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        IReadOnlyList<string> accepted = settings.Security.RequireAuth is { } text ? Read(text) ?? throw Unreadable(settings.Source) : All;
        if (settings.Security.ChannelBinding == "require")
        {
            accepted = [.. accepted.Where(method => method == Scram)];
        }

        return accepted.Count > 0
            ? accepted
            : throw new LeoException(
                LeoErrorId.ConnectionFailed,
                "The connection settings cannot be used: require_auth and channel_binding=require leave no login method. "
                + $"channel_binding=require works with {Scram} only.");
    }

    /// <summary>Checks a text and returns it.</summary>
    /// <exception cref="LeoException">ConnectionFailed.</exception>
    internal static string Check(string text, string source) => Read(text) is { Count: > 0 } ? text : throw Unreadable(source);

    /// <summary>The accepted methods of a text; null where it is none of its kind.</summary>
    private static List<string>? Read(string text)
    {
        string[] words = text.Split(',', StringSplitOptions.TrimEntries);
        bool negative = words[0].StartsWith('!');
        var named = new List<string>();
        foreach (string word in words)
        {
            string wanted = ConnectionParts.Normalize(word.TrimStart('!'));
            string? method = All.Append(OAuth).FirstOrDefault(known => ConnectionParts.Normalize(known) == wanted);
            if (method is null || word.StartsWith('!') != negative || named.Contains(method))
            {
                return null;
            }

            named.Add(method);
        }

        return [.. All.Where(method => named.Contains(method) != negative)];
    }

    private static LeoException Unreadable(string source) => ConnectionErrors.Unreadable(
        source,
        $"require_auth is no list of {string.Join(", ", All)}, each once, all of them with a '!' before it or none; oauth is not supported");
}
