using System.Text.RegularExpressions;

namespace LeoPS.HelpGenerator.Pages;

/// <summary>Turns the lines of a section into blocks of plain text.</summary>
public static partial class MarkdownText
{
    /// <summary>Paragraphs become one line each; list items keep their dash or number; code and tables stay as they are.</summary>
    public static IReadOnlyList<MarkdownBlock> Blocks(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var blocks = new List<MarkdownBlock>();
        var gathered = new List<string>();
        var fence = new MarkdownFence();
        foreach (string line in lines)
        {
            fence.Next(line);
            if (fence.IsFence)
            {
                Flush(asCode: !fence.IsOpen);
            }
            else if (fence.Inside)
            {
                gathered.Add(line);
            }
            else if (string.IsNullOrWhiteSpace(line))
            {
                Flush();
            }
            else
            {
                // A table's row or a new list item ends what stood before it.
                bool row = line.TrimStart().StartsWith('|');
                bool wasRow = gathered.Count > 0 && gathered[^1].TrimStart().StartsWith('|');
                if (row != wasRow || ItemPattern().IsMatch(line))
                {
                    Flush();
                }

                gathered.Add(line);
            }
        }

        Flush(asCode: fence.IsOpen);
        return blocks;

        void Flush(bool asCode = false)
        {
            if (asCode)
            {
                blocks.Add(new MarkdownBlock(string.Join('\n', gathered).TrimEnd(), true, fence.Language));
            }
            else if (gathered.Count > 0 && gathered[0].TrimStart().StartsWith('|'))
            {
                blocks.Add(new MarkdownBlock(string.Join('\n', gathered.Select(line => Plain(line.Trim()))), true));
            }
            else if (gathered.Count > 0)
            {
                blocks.Add(new MarkdownBlock(Plain(string.Join(' ', gathered.Select(line => line.Trim().TrimStart('>').Trim())))));
            }

            gathered.Clear();
        }
    }

    /// <summary>Text without the marks of code, emphasis, links and escapes; what stood in code is left untouched.</summary>
    public static string Plain(string text) => InlinePattern().Replace(text, match =>
    {
        if (match.Groups["link"].Success)
        {
            string label = Plain(match.Groups["link"].Value);
            string target = match.Groups["target"].Value;
            return target.Contains("://", StringComparison.Ordinal) && target != label ? $"{label} ({target})" : label;
        }

        return match.Groups["code"].Success ? match.Groups["code"].Value.Trim()
            : match.Groups["escaped"].Success ? match.Groups["escaped"].Value
            : Plain(match.Groups["strong"].Value + match.Groups["weak"].Value);
    });

    [GeneratedRegex(@"^\s*([-*+]|\d+[.)])\s+\S", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ItemPattern();

    [GeneratedRegex(
        @"(?<marks>`+)(?<code>.+?)(?<!`)\k<marks>(?!`)" +
        @"|\[(?<link>[^\]]*)\]\((?<target>[^)\s]*)\)" +
        @"|\*\*(?<strong>[^\s*](?:.*?[^\s])?)\*\*" +
        @"|(?<![\w*])\*(?<weak>[^\s*](?:[^*]*[^\s*])?)\*(?![\w*])" +
        @"|(?<!\w)_(?<weak>[^\s_](?:[^_]*[^\s_])?)_(?!\w)" +
        @"|\\(?<escaped>[\\`*_{}\[\]()#+\-.!<>|])",
        RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex InlinePattern();
}
