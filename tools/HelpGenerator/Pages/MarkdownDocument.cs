using System.Text.RegularExpressions;

namespace LeoPS.HelpGenerator.Pages;

/// <summary>A page as front matter and a flat list of sections. What is not understood is kept line by line.</summary>
public sealed partial class MarkdownDocument
{
    private MarkdownDocument(IReadOnlyDictionary<string, string> frontMatter, IReadOnlyList<string> frontLines, List<MarkdownSection> sections)
    {
        FrontMatter = frontMatter;
        FrontLines = frontLines;
        Sections = sections;
    }

    /// <summary>The keys between the two --- lines at the top, case-insensitive.</summary>
    public IReadOnlyDictionary<string, string> FrontMatter { get; }

    /// <summary>Every section in order.</summary>
    public IReadOnlyList<MarkdownSection> Sections { get; }

    private IReadOnlyList<string> FrontLines { get; }

    /// <summary>Reads a page; any line ending will do.</summary>
    public static MarkdownDocument Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] lines = text.TrimStart('\uFEFF').ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        int body = FrontMatterLength(lines);
        return new MarkdownDocument(ReadFrontMatter(lines[..body]), lines[..body], ReadSections(lines[body..]));
    }

    /// <summary>The same page with other sections.</summary>
    public MarkdownDocument With(IEnumerable<MarkdownSection> sections) => new(FrontMatter, FrontLines, sections.ToList());

    /// <summary>The lines of a section of level 2 itself, without those of its subsections; empty where the page has none.</summary>
    public IReadOnlyList<string> LinesOf(string title) =>
        Sections.FirstOrDefault(section => section.Is(2, title))?.Lines ?? [];

    /// <summary>The sections under one of level 2, up to the next of level 1 or 2.</summary>
    public IReadOnlyList<MarkdownSection> ChildrenOf(string title)
    {
        (int start, int end) = RangeOf(title);
        return start < 0 ? [] : Sections.Skip(start + 1).Take(end - start - 1).ToList();
    }

    /// <summary>Where a section of level 2 starts and where the next begins; start is -1 where the page has none.</summary>
    public (int Start, int End) RangeOf(string title)
    {
        int start = -1;
        for (int index = 0; index < Sections.Count; index++)
        {
            if (start >= 0 && Sections[index].Level <= 2)
            {
                return (start, index);
            }

            if (start < 0 && Sections[index].Is(2, title))
            {
                start = index;
            }
        }

        return (start, Sections.Count);
    }

    /// <summary>The page as text, with \n and one at the end.</summary>
    public override string ToString()
    {
        var lines = FrontLines.Concat(Sections.SelectMany(section => section.Level == 0
            ? section.Lines
            : section.Lines.Prepend($"{new string('#', section.Level)} {section.Title}")));
        return string.Join('\n', lines).TrimEnd('\n') + "\n";
    }

    private static int FrontMatterLength(string[] lines)
    {
        if (lines[0].TrimEnd() != "---")
        {
            return 0;
        }

        int end = Array.FindIndex(lines, 1, line => line.TrimEnd() == "---");
        return end < 0 ? 0 : end + 1;
    }

    private static Dictionary<string, string> ReadFrontMatter(string[] lines)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                values[line[..colon].Trim()] = line[(colon + 1)..].Trim();
            }
        }

        return values;
    }

    private static List<MarkdownSection> ReadSections(string[] lines)
    {
        var sections = new List<MarkdownSection>();
        var fence = new MarkdownFence();
        var current = (Level: 0, Title: string.Empty, Lines: new List<string>());
        foreach (string line in lines)
        {
            fence.Next(line);
            Match heading = HeadingPattern().Match(line);
            if (fence.Inside || !heading.Success)
            {
                current.Lines.Add(line);
                continue;
            }

            Close();
            current = (heading.Groups["marks"].Length, heading.Groups["title"].Value, []);
        }

        Close();
        return sections;

        void Close()
        {
            if (current.Level > 0 || current.Lines.Count > 0)
            {
                sections.Add(new MarkdownSection(current.Level, current.Title, current.Lines));
            }
        }
    }

    [GeneratedRegex(@"^ {0,3}(?<marks>#{1,6})\s+(?<title>.*?)(\s+#+)?\s*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HeadingPattern();
}
