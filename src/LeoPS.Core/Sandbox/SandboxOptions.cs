namespace LeoPS.Sandbox;

/// <summary>How a sandbox is to be started.</summary>
public sealed record SandboxOptions
{
    /// <summary>The folder; null means the default one.</summary>
    public string? Path { get; init; }

    /// <summary>TCP port on loopback; null means the one it had before, or any free one.</summary>
    public int? Port { get; init; }

    /// <summary>Lines for postgresql.conf, such as "fsync = off"; written when the folder is made.</summary>
    public IReadOnlyList<string> Configuration { get; init; } = [];

    /// <summary>Receives a line per step, on worker threads; null is silence.</summary>
    public Action<string>? Log { get; init; }
}
