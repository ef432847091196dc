namespace LeoPS.Postgres.Sandbox;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">0 where all went well.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Error">What it wrote to standard error.</param>
internal sealed record ProcessResult(int ExitCode, string Output, string Error)
{
    /// <summary>True where it says it did its work.</summary>
    public bool Succeeded => ExitCode == 0;

    /// <summary>The last lines of what it complained about, for a message.</summary>
    public string Complaint
    {
        get
        {
            string text = Error.Trim().Length > 0 ? Error : Output;
            string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return lines.Length == 0 ? $"it ended with code {ExitCode}" : string.Join(" ", lines.TakeLast(4));
        }
    }
}
