namespace LeoPS.Postgres.Sandbox;

/// <summary>What a sandbox remembers between starts. Its file also marks the folder as ours. Holds no secret.</summary>
internal sealed record SandboxState
{
    /// <summary>What <see cref="Kind"/> says in a file of ours.</summary>
    public const string OurKind = "LeoPS sandbox";

    /// <summary>Tells our file from another program's.</summary>
    public string Kind { get; init; } = OurKind;

    /// <summary>Tells two sandboxes apart, whichever way their paths are written.</summary>
    public Guid Id { get; init; }

    /// <summary>TCP port of the last start; null before the first.</summary>
    public int? Port { get; init; }

    /// <summary>Folder of the binaries of the last start; null before the first.</summary>
    public string? BinaryPath { get; init; }

    /// <summary>Version of those binaries, such as "15.18"; null before the first start.</summary>
    public string? ServerVersion { get; init; }

    /// <summary>The operating-system user who owns the data; null before they are made.</summary>
    public string? ServerUser { get; init; }
}
