namespace LeoPS.Postgres.Sandbox;

/// <summary>Makes the one kind of error a sandbox reports.</summary>
internal static class SandboxFailure
{
    /// <summary>A SandboxFailed with its message.</summary>
    public static LeoException Because(string message) => new(LeoErrorId.SandboxFailed, message);
}
