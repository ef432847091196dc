namespace LeoPS.HelpGenerator.Pages;

/// <summary>A heading and the lines under it, up to the next heading of any level.</summary>
/// <param name="Level">The number of #; 0 for what stands before the first heading.</param>
/// <param name="Title">The heading's text.</param>
/// <param name="Lines">The lines under it, fences included.</param>
public sealed record MarkdownSection(int Level, string Title, IReadOnlyList<string> Lines)
{
    /// <summary>Case and surrounding blanks do not tell headings apart.</summary>
    public bool Is(int level, string title) =>
        Level == level && string.Equals(Title, title, StringComparison.OrdinalIgnoreCase);
}
