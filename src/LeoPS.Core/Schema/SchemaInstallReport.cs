namespace LeoPS.Schema;

/// <summary>What Install-LeoSchema did.</summary>
/// <param name="Created">Objects that were created, in order; empty where all was there.</param>
/// <param name="Warnings">What could not be created and what that means, such as a role that needs a superuser.</param>
public sealed record SchemaInstallReport(IReadOnlyList<string> Created, IReadOnlyList<string> Warnings);
