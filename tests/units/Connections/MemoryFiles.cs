namespace LeoPS.Units.Connections;

/// <summary>Files that exist in a test only.</summary>
internal sealed class MemoryFiles : IConnectionFiles
{
    public Dictionary<string, string> Texts { get; } = [];

    public Dictionary<string, UnixFileMode> Modes { get; } = [];

    public HashSet<string> Refused { get; } = [];

    public string? ReadText(string path)
        => Refused.Contains(path) ? throw new UnauthorizedAccessException("refused " + path) : Texts.GetValueOrDefault(path);

    public UnixFileMode? ModeOf(string path) => Modes.GetValueOrDefault(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
}
