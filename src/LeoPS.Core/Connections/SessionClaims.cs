using System.Text;
using System.Text.Json;

namespace LeoPS;

/// <summary>
/// What the token of a signed-in user says, as row level security reads it (auth.uid(), auth.jwt()). It may hold anything about that user, so
/// nothing but the user's id and the role is ever shown.
/// </summary>
public sealed class SessionClaims : IEquatable<SessionClaims>
{
    private const string Subject = "sub";
    private const string RoleName = "role";

    private SessionClaims(string json, Guid? userId, string? role)
    {
        Json = json;
        UserId = userId;
        Role = role;
    }

    /// <summary>The user: the claim sub, which auth.uid() gives. Null for nobody.</summary>
    public Guid? UserId { get; }

    /// <summary>The claim role; null where it says none.</summary>
    public string? Role { get; }

    /// <summary>All claims, a JSON object.</summary>
    internal string Json { get; }

    /// <summary>Puts together what a user says: claims, the user's id, the role. Null where all three are.</summary>
    /// <param name="claims">A JSON object, as a token's payload is; null for none.</param>
    /// <param name="userId">The claim sub; null leaves that of <paramref name="claims"/>.</param>
    /// <param name="role">The claim role; null leaves that of <paramref name="claims"/>.</param>
    /// <exception cref="LeoException">ConnectionFailed where they contradict each other, or are no claims; never repeats them.</exception>
    public static SessionClaims? Of(string? claims, Guid? userId, string? role)
    {
        if (claims is null && userId is null && role is null)
        {
            return null;
        }

        using JsonDocument document = Read(claims ?? "{}");
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw Refused("claims are a JSON object, such as {\"sub\": \"…\", \"role\": \"authenticated\"}: the middle part of a token, decoded");
        }

        Guid? subject = ReadSubject(document.RootElement);
        if (userId is not null && subject is not null && userId != subject)
        {
            throw Refused("the claim sub is another user than -UserId: leave one of them out");
        }

        string? claimedRole = Text(document.RootElement, RoleName);
        if (role is not null && claimedRole is not null && role != claimedRole)
        {
            throw Refused("the claim role is another one than -Role: leave one of them out");
        }

        Guid? user = userId ?? subject;
        string? inRole = role ?? claimedRole;
        return new SessionClaims(Write(document.RootElement, user, inRole), user, inRole);
    }

    /// <summary>True for the same claims, so that two connections as one user are the same connection settings.</summary>
    public bool Equals(SessionClaims? other) => other?.Json == Json;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SessionClaims);

    /// <inheritdoc/>
    public override int GetHashCode() => Json.GetHashCode(StringComparison.Ordinal);

    /// <summary>Nothing of the claims.</summary>
    public override string ToString() => "claims";

    private static JsonDocument Read(string claims)
    {
        try
        {
            return JsonDocument.Parse(claims, new JsonDocumentOptions { MaxDepth = JsonValue.MaxDepth });
        }
        catch (JsonException)
        {
            throw Refused("the claims are not JSON");
        }
    }

    private static Guid? ReadSubject(JsonElement claims)
    {
        if (Text(claims, Subject) is not { } text)
        {
            return null;
        }

        return Guid.TryParse(text, out Guid user) ? user : throw Refused("the claim sub is not the id of a user (a GUID), and auth.uid() reads it as one");
    }

    /// <summary>A claim that is text; null where it is not there, or null.</summary>
    private static string? Text(JsonElement claims, string name)
    {
        JsonElement[] found = [.. claims.EnumerateObject().Where(c => Is(c, name)).Select(c => c.Value)];
        if (found.Length > 1)
        {
            throw Refused($"the claim {name} is there twice");
        }

        return found is [{ ValueKind: not JsonValueKind.Null } value]
            ? value.ValueKind == JsonValueKind.String ? value.GetString() : throw Refused($"the claim {name} is not a text")
            : null;
    }

    // A hashtable's keys are written in any case; the server's functions read these two in small letters.
    private static bool Is(JsonProperty claim, string name) => claim.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static string Write(JsonElement claims, Guid? user, string? role)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (user is { } id)
            {
                json.WriteString(Subject, id);
            }

            if (role is not null)
            {
                json.WriteString(RoleName, role);
            }

            foreach (JsonProperty claim in claims.EnumerateObject().Where(c => !Is(c, Subject) && !Is(c, RoleName)))
            {
                claim.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static LeoException Refused(string reason) => ConnectionErrors.Unreadable("-Claims, -UserId and -Role", reason);
}
