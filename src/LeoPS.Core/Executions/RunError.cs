using LeoPS.Text;

namespace LeoPS.Executions;

/// <summary>What a run failed of, in the form that the three error columns hold.</summary>
public sealed record RunError
{
    /// <summary>The characters that error_type holds.</summary>
    public const int MaxTypeLength = 100;

    private RunError(string? message, string? type, string? stack)
    {
        Message = message;
        Type = type;
        Stack = stack;
    }

    /// <summary>error_message; null leaves the column.</summary>
    public string? Message { get; }

    /// <summary>error_type; null leaves the column.</summary>
    public string? Type { get; }

    /// <summary>error_stack; null leaves the column.</summary>
    public string? Stack { get; }

    /// <summary>What had to be altered to fit, for the user to know; null where nothing was.</summary>
    public string? Note { get; private init; }

    /// <summary>
    /// An error as given. A type that is too long loses its beginning, which is only the namespace, and what no text column holds, NUL and
    /// half of a surrogate pair, becomes U+FFFD: the failure of a run must not fail to be recorded.
    /// </summary>
    /// <returns>Null where nothing is given.</returns>
    public static RunError? Of(string? message, string? type, string? stack)
    {
        if (message is null && type is null && stack is null)
        {
            return null;
        }

        string? shortType = type is { Length: > MaxTypeLength } ? Shorten(type) : type;
        var error = new RunError(StoredText.Clean(message), StoredText.Clean(shortType), StoredText.Clean(stack));
        List<string> notes = [];
        if (shortType != type)
        {
            notes.Add($"error_type holds {MaxTypeLength} characters; '{StoredText.Clean(type)}' was shortened to '{error.Type}'");
        }

        if (error.Message != message || error.Type != shortType || error.Stack != stack)
        {
            notes.Add("NUL and halves of characters in the error were replaced by U+FFFD, because no text column holds them");
        }

        return notes.Count == 0 ? error : error with { Note = string.Join("; ", notes) + "." };
    }

    /// <summary>The end of a long type, cut between two characters.</summary>
    private static string Shorten(string type)
    {
        int from = type.Length - (MaxTypeLength - 1);
        return $"…{type[(char.IsSurrogatePair(type, from - 1) ? from + 1 : from)..]}";
    }
}
