namespace LeoPS.Access;

/// <summary>A policy of row level security that applies to the role in force.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Command">What it is for; null for everything.</param>
/// <param name="Permissive">True where it lets rows through; false where it only holds rows back.</param>
/// <param name="Using">Which rows are seen, as the server prints it; null for none.</param>
/// <param name="Check">Which new rows are taken; null means as <paramref name="Using"/>.</param>
public sealed record RowPolicy(string Name, TableCommand? Command, bool Permissive, string? Using, string? Check)
{
    /// <summary>True where it has a say in a command.</summary>
    public bool IsFor(TableCommand command) => Command is null || Command == command;
}
