using System.Text.Json;
using LeoPS.Text;

namespace LeoPS;

/// <summary>
/// The text of the file of profiles: one JSON object, a member per profile, whose members are the keys of a connection string and a few of its own.
/// A secret anywhere in it is refused.
/// </summary>
internal static class ProfileFile
{
    private static readonly JsonDocumentOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    // Parts of keys that hold secrets; those that only say where one is kept are known before.
    private static readonly string[] SecretWords = ["pass", "pwd", "psw", "secret", "token", "apikey", "jwt", "claim", "privatekey", "credential"];

    /// <summary>All profiles of a text, in its order.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">The file's path, for messages.</param>
    /// <exception cref="LeoException">ConnectionFailed; names the profile and the key, never a value.</exception>
    public static IReadOnlyList<ConnectionProfile> Read(string text, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Options);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? [.. document.RootElement.EnumerateObject().Where(p => p.Name != "$schema").Select(p => ReadProfile(p.Name, p.Value, file))]
                : throw Unreadable(file, "it is not one JSON object with a member for each profile");
        }
        catch (JsonException broken)
        {
            throw Unreadable(file, $"it is not JSON (line {broken.LineNumber + 1})");
        }
    }

    private static ConnectionProfile ReadProfile(string name, JsonElement value, string file)
    {
        string shown = Redaction.Redact(name);
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Unreadable(file, $"profile {shown} is not an object of keys and values");
        }

        var profile = new ConnectionProfile(name, new ConnectionParts($"profile {shown}"));
        foreach (JsonProperty member in value.EnumerateObject())
        {
            string? text = member.Value.ValueKind switch
            {
                JsonValueKind.String => member.Value.GetString(),
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => member.Value.GetRawText(),
                JsonValueKind.Null => null,
                _ => throw Unreadable(file, $"{Redaction.Redact(member.Name)} of profile {shown} is neither a text nor a number, true or false"),
            };
            if (text is not null)
            {
                Take(profile, member.Name, text, file);
            }
        }

        return profile;
    }

    private static void Take(ConnectionProfile profile, string key, string value, string file)
    {
        string known = ConnectionParts.Normalize(key);
        bool holdsSecret = known is not ("passfile" or "secretname") && SecretWords.Any(known.Contains);
        if (holdsSecret || Redaction.Redact(value) != value)
        {
            throw Unreadable(
                file,
                $"{Redaction.Redact(key)} of profile {Redaction.Redact(profile.Name)} holds a secret, and this file is no place for one: "
                + "take it out, and name it with secretName (a vault's), or put it into .pgpass");
        }

        switch (known)
        {
            case "url":
                ConnectionParts url = ConnectionUrl.Read(value, $"profile {Redaction.Redact(profile.Name)}");
                profile.Parts.FillFrom(url);
                break;
            case "role":
                profile.Role = value;
                break;
            case "readonly":
                profile.ReadOnly = bool.TryParse(value, out bool only) ? only : throw Unreadable(file, $"readOnly of profile {profile.Name} is neither true nor false");
                break;
            case "poolermode":
                profile.PoolerMode = Enum.GetValues<PoolerMode>().Select(m => (PoolerMode?)m).FirstOrDefault(m => string.Equals(m.ToString(), value, StringComparison.OrdinalIgnoreCase))
                    ?? throw Unreadable(file, $"poolerMode of profile {profile.Name} is neither Session nor Transaction");
                break;
            case "secretname":
                profile.SecretName = value;
                break;
            case "vault":
                profile.Vault = value;
                break;
            case "connecttimeout" or "commandtimeout":
                profile.Parts.Set(key, Duration.TryParse(value, out TimeSpan time)
                    ? Math.Ceiling(time.TotalSeconds).ToString("0")
                    : throw Unreadable(file, $"{key} of profile {profile.Name} is no duration; write {Duration.Forms}"));
                break;
            case "description":
                break;
            default:
                profile.Parts.Set(key, value);
                break;
        }
    }

    private static LeoException Unreadable(string file, string reason) =>
        new(LeoErrorId.ConnectionFailed, $"The file of profiles {Redaction.Redact(file)} cannot be used: {reason}.");
}
