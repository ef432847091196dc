using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;
using System.Text;

namespace LeoPS.Postgres.Sandbox;

/// <summary>Writes files that nobody but their owner can read, at no moment.</summary>
internal static class OwnerOnlyFile
{
    /// <summary>Creates a file; it must not exist.</summary>
    public static void Create(string path, string text)
    {
        using FileStream stream = OperatingSystem.IsWindows() ? CreateOnWindows(path) : CreateOnUnix(path);
        stream.Write(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Creates a file or takes the place of the one there is.</summary>
    public static void Replace(string path, string text)
    {
        string draft = $"{path}.{Guid.NewGuid():N}";
        try
        {
            Create(draft, text);
            File.Move(draft, path, overwrite: true);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static FileStream CreateOnUnix(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        Share = FileShare.None,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    [SupportedOSPlatform("windows")]
    private static FileStream CreateOnWindows(string path)
    {
        using var identity = WindowsIdentity.GetCurrent();
        SecurityIdentifier owner = identity.User
            ?? throw SandboxFailure.Because("Windows does not tell which user this is, so the sandbox's password cannot be kept for that user alone.");
        var security = new FileSecurity();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        security.AddAccessRule(new FileSystemAccessRule(owner, FileSystemRights.FullControl, AccessControlType.Allow));
        return new FileInfo(path).Create(FileMode.CreateNew, FileSystemRights.Write, FileShare.None, 4096, FileOptions.None, security);
    }
}
