namespace LeoPS.HelpGenerator.Pages;

/// <summary>A paragraph, a list item, or code.</summary>
/// <param name="Text">Plain text on one line, or the code with its line breaks.</param>
/// <param name="IsCode">The text is to be kept as it is.</param>
/// <param name="Language">Of a fence, in lower case; empty elsewhere.</param>
public sealed record MarkdownBlock(string Text, bool IsCode = false, string Language = "");
