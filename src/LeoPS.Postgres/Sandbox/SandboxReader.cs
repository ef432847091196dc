using LeoPS.Sandbox;

namespace LeoPS.Postgres.Sandbox;

/// <summary>Tells what a sandbox is like at this moment, without touching it.</summary>
internal static class SandboxReader
{
    /// <summary>The database that a sandbox is for.</summary>
    public const string Database = "leops";

    private const string Loopback = "127.0.0.1";

    /// <summary>The sandbox of a folder; null where the folder holds none.</summary>
    public static LeoSandbox? Find(SandboxFolder folder) => folder.ReadState() is { } state ? Describe(folder, state) : null;

    /// <summary>The sandbox as it is at this moment.</summary>
    public static LeoSandbox Describe(SandboxFolder folder, SandboxState state)
    {
        PostmasterFile? server = ServerProcess.Find(folder.Data);
        return new LeoSandbox
        {
            Path = folder.Root,
            HostName = Loopback,
            Port = server?.Port ?? state.Port ?? 0,
            Database = Database,
            UserName = ClusterMaker.SuperUser,
            ProcessId = server?.ProcessId,
            ServerVersion = state.ServerVersion ?? "",
            BinaryPath = state.BinaryPath ?? "",
            LogPath = folder.Log,
        };
    }

    /// <summary>How to connect to a running sandbox as its superuser.</summary>
    /// <exception cref="LeoException">SandboxFailed where it does not run, or its password is not ours to read.</exception>
    public static ConnectionSettings SettingsOf(SandboxFolder folder)
    {
        LeoSandbox? sandbox = Find(folder);
        if (sandbox is not { Running: true })
        {
            throw SandboxFailure.Because($"The sandbox in '{folder.Root}' does not run. Start it with Start-LeoSandbox -Path '{folder.Root}'.");
        }

        return new ConnectionSettings
        {
            Host = sandbox.HostName,
            Port = sandbox.Port,
            Database = sandbox.Database,
            UserName = sandbox.UserName,
            Password = ReadPassword(folder),
            SslMode = "disable",
            Source = "sandbox",
        };
    }

    private static string ReadPassword(SandboxFolder folder)
    {
        try
        {
            return File.ReadAllText(folder.Password).Trim();
        }
        catch (FileNotFoundException)
        {
            throw SandboxFailure.Because(
                $"The password file '{folder.Password}' is gone, so nobody can log in. Remove the sandbox (Stop-LeoSandbox -Remove) and start a new one.");
        }
    }
}
