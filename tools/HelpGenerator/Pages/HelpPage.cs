using System.Text.RegularExpressions;

namespace LeoPS.HelpGenerator.Pages;

/// <summary>A cmdlet's page, understood.</summary>
public sealed partial class HelpPage
{
    private HelpPage(MarkdownDocument document)
    {
        Document = document;
        Name = document.Sections.FirstOrDefault(section => section.Level == 1)?.Title ?? string.Empty;
        OnlineVersion = document.FrontMatter.GetValueOrDefault("online version", string.Empty);
        Synopsis = MarkdownText.Blocks(document.LinesOf("SYNOPSIS"));
        Description = Whole("DESCRIPTION");
        Examples = document.ChildrenOf("EXAMPLES").Select(ReadExample).ToList();
        Parameters = document.ChildrenOf("PARAMETERS").Where(IsParameter).Select(ReadParameter).ToList();
        Inputs = Types("INPUTS");
        Outputs = Types("OUTPUTS");
        Notes = Whole("NOTES");
        Errors = Whole("ERRORS");
        Links = document.LinesOf("RELATED LINKS").Select(ReadLink).OfType<HelpLink>().ToList();
    }

    /// <summary>The page as it was read.</summary>
    public MarkdownDocument Document { get; }

    /// <summary>The heading of level 1.</summary>
    public string Name { get; }

    /// <summary>Where Get-Help -Online goes; empty where the page does not say.</summary>
    public string OnlineVersion { get; }

    /// <summary>One sentence.</summary>
    public IReadOnlyList<MarkdownBlock> Synopsis { get; }

    /// <summary>The description.</summary>
    public IReadOnlyList<MarkdownBlock> Description { get; }

    /// <summary>The examples, in order.</summary>
    public IReadOnlyList<HelpExample> Examples { get; }

    /// <summary>The parameters that have a heading, in order.</summary>
    public IReadOnlyList<HelpParameter> Parameters { get; }

    /// <summary>What may be piped in.</summary>
    public IReadOnlyList<HelpType> Inputs { get; }

    /// <summary>What comes out.</summary>
    public IReadOnlyList<HelpType> Outputs { get; }

    /// <summary>The notes.</summary>
    public IReadOnlyList<MarkdownBlock> Notes { get; }

    /// <summary>The errors, one list item each.</summary>
    public IReadOnlyList<MarkdownBlock> Errors { get; }

    /// <summary>The related links.</summary>
    public IReadOnlyList<HelpLink> Links { get; }

    /// <summary>Reads a page.</summary>
    public static HelpPage Parse(string text) => new(MarkdownDocument.Parse(text));

    /// <summary>Reads a page that is parsed already.</summary>
    public static HelpPage Read(MarkdownDocument document) => new(document);

    /// <summary>A parameter by its name, case-insensitive; null where the page has no heading for it.</summary>
    public HelpParameter? Parameter(string name) =>
        Parameters.FirstOrDefault(parameter => string.Equals(parameter.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a section under PARAMETERS is one parameter's.</summary>
    public static bool IsParameter(MarkdownSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return section.Level == 3 && section.Title.StartsWith('-');
    }

    // Headings below the section become paragraphs of their own, so that nothing that was written is lost.
    private IReadOnlyList<MarkdownBlock> Whole(string title) =>
    [
        .. MarkdownText.Blocks(Document.LinesOf(title)),
        .. Document.ChildrenOf(title).SelectMany(child =>
            MarkdownText.Blocks(child.Lines).Prepend(new MarkdownBlock(MarkdownText.Plain(child.Title)))),
    ];

    private List<HelpType> Types(string title) => Document.ChildrenOf(title)
        .Where(child => child.Level == 3)
        .Select(child => new HelpType(MarkdownText.Plain(child.Title), MarkdownText.Blocks(child.Lines)))
        .ToList();

    private static HelpExample ReadExample(MarkdownSection section)
    {
        IReadOnlyList<MarkdownBlock> blocks = MarkdownText.Blocks(section.Lines);
        MarkdownBlock? code = blocks.FirstOrDefault(block => block.IsCode && block.Language is "powershell" or "ps1" or "");
        return new HelpExample(
            MarkdownText.Plain(section.Title),
            code?.Text ?? string.Empty,
            blocks.Where(block => !ReferenceEquals(block, code)).ToList());
    }

    private static HelpParameter ReadParameter(MarkdownSection section)
    {
        IReadOnlyList<MarkdownBlock> blocks = MarkdownText.Blocks(section.Lines);
        string? written = blocks.Where(block => block.Language == "yaml")
            .SelectMany(block => block.Text.Split('\n'))
            .Select(line => DefaultPattern().Match(line))
            .FirstOrDefault(match => match.Success)?.Groups["value"].Value;
        return new HelpParameter(
            section.Title.TrimStart('-').Trim(),
            blocks.Where(block => block.Language != "yaml").ToList(),
            written is null or "" ? null : written);
    }

    private static HelpLink? ReadLink(string line)
    {
        Match match = LinkPattern().Match(line);
        if (match.Success)
        {
            string address = match.Groups["address"].Value;
            return new HelpLink(MarkdownText.Plain(match.Groups["text"].Value), address.Contains("://", StringComparison.Ordinal) ? address : string.Empty);
        }

        string text = line.Trim().TrimStart('-', '*').Trim();
        return text.Length == 0 ? null : new HelpLink(MarkdownText.Plain(text), string.Empty);
    }

    [GeneratedRegex(@"^Default value:\s*(?<value>.*?)\s*$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DefaultPattern();

    [GeneratedRegex(@"^\s*[-*]?\s*\[(?<text>[^\]]+)\]\((?<address>[^)\s]*)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LinkPattern();
}
