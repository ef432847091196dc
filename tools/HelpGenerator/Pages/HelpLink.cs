namespace LeoPS.HelpGenerator.Pages;

/// <summary>A related link.</summary>
/// <param name="Text">What is shown.</param>
/// <param name="Address">A web address; empty for another page of the module.</param>
public sealed record HelpLink(string Text, string Address);
