namespace LeoPS.HelpGenerator.Pages;

/// <summary>A type under INPUTS or OUTPUTS.</summary>
/// <param name="Name">The type's name, or None.</param>
/// <param name="Text">What is said about it.</param>
public sealed record HelpType(string Name, IReadOnlyList<MarkdownBlock> Text);
