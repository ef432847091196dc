using System.Security.Cryptography;

namespace LeoPS.Postgres.Sandbox;

/// <summary>Makes a sandbox's data with initdb. They get their name only when they are whole, so a killed process leaves no half data.</summary>
/// <param name="folder">The sandbox.</param>
/// <param name="binaries">The server's binaries.</param>
/// <param name="user">The user who shall own the data.</param>
internal sealed class ClusterMaker(SandboxFolder folder, PostgresBinaries binaries, ServerUser user)
{
    /// <summary>The superuser's name.</summary>
    public const string SuperUser = "leops";

    private const int PasswordBytes = 24;

    // "C.UTF-8" sorts as "C" does and knows the cases of all letters; not every system has it.
    private static readonly string[] LetterTypes = OperatingSystem.IsWindows() ? ["C"] : ["C.UTF-8", "C"];

    private static readonly string[] Defaults =
    [
        "# LeoPS",
        "cluster_name = 'leops'",
        "timezone = 'UTC'",
        "log_timezone = 'UTC'",
        "lc_messages = 'C'",
        "log_line_prefix = '%m [%p] '",
        "password_encryption = 'scram-sha-256'",
        "jit = off",
    ];

    /// <summary>Makes the data and the password file.</summary>
    /// <param name="configuration">Lines for postgresql.conf, after our own.</param>
    /// <param name="cancellationToken">Ends initdb and takes away what it made.</param>
    /// <exception cref="LeoException">SandboxFailed with what initdb says.</exception>
    public async Task MakeAsync(IReadOnlyList<string> configuration, CancellationToken cancellationToken)
    {
        string password = Convert.ToHexString(RandomNumberGenerator.GetBytes(PasswordBytes));
        ProcessResult? result = null;
        foreach (string letterType in LetterTypes)
        {
            string making = folder.NewMaking();
            try
            {
                result = await InitAsync(making, password, letterType, cancellationToken).ConfigureAwait(false);
                if (result.Succeeded)
                {
                    string made = Path.Combine(making, "data");
                    await File.AppendAllLinesAsync(
                        Path.Combine(made, "postgresql.conf"), [.. Defaults, .. configuration], cancellationToken).ConfigureAwait(false);
                    OwnerOnlyFile.Replace(folder.Password, password);
                    Directory.Move(made, folder.Data);
                    return;
                }
            }
            finally
            {
                await FolderRemoval.RemoveAsync(making, CancellationToken.None).ConfigureAwait(false);
            }

            // initdb has one exit code for everything; it runs with LC_ALL=C, so its messages are English.
            if (!result.Error.Contains("locale", StringComparison.Ordinal))
            {
                break;
            }
        }

        throw SandboxFailure.Because($"initdb of {binaries.Folder} could not make the data in '{folder.Root}': {result?.Complaint}");
    }

    private async Task<ProcessResult> InitAsync(string making, string password, string letterType, CancellationToken cancellationToken)
    {
        string passwordFile = Path.Combine(making, "password");
        Directory.CreateDirectory(making);
        OwnerOnlyFile.Create(passwordFile, password + "\n");
        await user.OwnAsync(passwordFile, cancellationToken).ConfigureAwait(false);
        await user.OwnAsync(making, cancellationToken).ConfigureAwait(false);

        // Relative paths, in plain letters: the folder's own name never passes through a shell or a code page.
        string relative = Path.GetFileName(making);
        string[] arguments =
        [
            "-D", $"{relative}/data", "--username", SuperUser, $"--pwfile={relative}/password", "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C", $"--lc-ctype={letterType}",
        ];
        return await user.RunAsync(binaries.Initdb, arguments, folder.Root, cancellationToken).ConfigureAwait(false);
    }
}
