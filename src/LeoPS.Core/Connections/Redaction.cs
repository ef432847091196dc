using System.Text.RegularExpressions;

namespace LeoPS;

/// <summary>
/// Takes passwords out of text that may be a URL or a connection string, wherever a user may have pasted one. Takes too much rather than too little.
/// </summary>
public static partial class Redaction
{
    private const string Mask = "***";
    private const int TimeoutMilliseconds = 500;

    // What may follow a password in a connection string; an unquoted password ends only there.
    private const string OtherKeys =
        "host|hostaddr|server|data ?source|address|addr|port|database|db|dbname|initial ?catalog|user ?name|user ?id|user|uid|"
        + "ssl ?mode|sslrootcert|root ?certificate|connect_timeout|connect(?:ion)? ?timeout|command ?timeout|timeout|application_name|"
        + "application ?name|options|service|passfile|pgbouncer|connection_limit|schema|pooling|persist ?security ?info";

    /// <summary>The text with every password replaced by ***; the same text where none is seen.</summary>
    public static string Redact(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!MayHoldOne(text))
        {
            return text;
        }

        try
        {
            string result = InUrl().Replace(text, Mask);
            result = BeforeHost().Replace(result, "${user}" + Mask);
            result = InPair().Replace(result, "${key}" + Mask);
            result = InPasswordFile().Replace(result, "${place}" + Mask);
            return Token().Replace(result, Mask);
        }
        catch (RegexMatchTimeoutException)
        {
            return Mask;
        }
    }

    /// <summary>False where none of the patterns below can match: most texts, such as the messages of bulk errors.</summary>
    private static bool MayHoldOne(string text) =>
        text.Contains('@') || text.Contains("eyJ", StringComparison.Ordinal) || text.AsSpan().Count(':') >= 4 || Words().IsMatch(text);

    [GeneratedRegex("passw|pwd|psw|secret|api_?key", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeoutMilliseconds)]
    private static partial Regex Words();

    // From the first ':' of the authority to the last '@' before another URL begins: passwords with a raw '@' or '/' are whole in it.
    [GeneratedRegex(@"(?<=[a-z][a-z0-9+.-]*://[^:@\s]*:)(?:(?![a-z][a-z0-9+.-]*://).)+(?=@)", RegexOptions.IgnoreCase | RegexOptions.Singleline, TimeoutMilliseconds)]
    private static partial Regex InUrl();

    // "user:password@host" without a scheme.
    [GeneratedRegex(@"(?<![^\s""'(=])(?<user>[^:@/\s]+:)(?!//)[^\s]+(?=@[\w\[])", RegexOptions.ExplicitCapture, TimeoutMilliseconds)]
    private static partial Regex BeforeHost();

    [GeneratedRegex(
        @"(?<key>(?:password|passwd|pwd|psw|secret|api_?key)[""']?\s*[=:]\s*)(?:(?:'(?:[^'\\]|\\.|'')*'|""(?:[^""\\]|\\.|"""")*"")(?=[\s;&,)}\]]|$)|(?!\s*$).+?(?=(?:[;&,\s]+(?:"
        + OtherKeys + @")\s*=)|$))",
        RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.ExplicitCapture,
        TimeoutMilliseconds)]
    private static partial Regex InPair();

    [GeneratedRegex(@"^(?<place>[^:\s/]+:(?:\d+|\*):[^:\s]+:[^:\s]+:).+$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeoutMilliseconds)]
    private static partial Regex InPasswordFile();

    // A JSON web token, such as Supabase's service_role key.
    [GeneratedRegex(@"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?", RegexOptions.None, TimeoutMilliseconds)]
    private static partial Regex Token();
}
