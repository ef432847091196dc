namespace LeoPS.HelpGenerator.Pages;

/// <summary>One example.</summary>
/// <param name="Title">"Example 1: what it shows".</param>
/// <param name="Code">The commands; empty where the page has no code under the heading.</param>
/// <param name="Remarks">Everything else, in order.</param>
public sealed record HelpExample(string Title, string Code, IReadOnlyList<MarkdownBlock> Remarks);
