namespace LeoPS.HelpGenerator.Pages;

/// <summary>What a page says about a parameter; everything else is known from the cmdlet.</summary>
/// <param name="Name">Without the dash.</param>
/// <param name="Text">The description, without the yaml blocks.</param>
/// <param name="Default">The default value as written in the yaml block; null where none is written.</param>
public sealed record HelpParameter(string Name, IReadOnlyList<MarkdownBlock> Text, string? Default);
