using System.Text.RegularExpressions;

namespace LeoPS.HelpGenerator.Pages;

/// <summary>Follows code fences line by line, so that a # or a dash inside one is code.</summary>
public sealed partial class MarkdownFence
{
    private string? _open;

    /// <summary>Whether the line last seen is a fence or stands inside one.</summary>
    public bool Inside { get; private set; }

    /// <summary>Whether the line last seen opened or closed a fence.</summary>
    public bool IsFence { get; private set; }

    /// <summary>Whether a fence is still open after the line last seen.</summary>
    public bool IsOpen => _open is not null;

    /// <summary>The word after the opening fence, in lower case; empty where there is none.</summary>
    public string Language { get; private set; } = string.Empty;

    /// <summary>Takes the next line.</summary>
    public void Next(string line)
    {
        Match match = FencePattern().Match(line);
        IsFence = false;
        Inside = _open is not null;
        if (!match.Success)
        {
            return;
        }

        string marks = match.Groups["marks"].Value;
        string info = match.Groups["info"].Value.Trim();
        if (_open is null)
        {
            // A backtick later in the line makes it inline code, not a fence.
            if (marks[0] == '`' && info.Contains('`', StringComparison.Ordinal))
            {
                return;
            }

            (_open, Inside, IsFence) = (marks, true, true);
            Language = info.Split(' ')[0].ToLowerInvariant();
        }
        else if (info.Length == 0 && marks.StartsWith(_open, StringComparison.Ordinal))
        {
            (_open, IsFence) = (null, true);
        }
    }

    [GeneratedRegex("^ {0,3}(?<marks>`{3,}|~{3,})(?<info>.*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FencePattern();
}
