using System.Security.Cryptography;
using System.Text;

namespace LeoPS.Postgres.Sandbox;

/// <summary>The sandboxes this user made: a folder with one small file each, so that two processes never write the same file.</summary>
/// <param name="environment">Tells where the files are; asked only when needed, as it may have no answer.</param>
internal sealed class SandboxRegistry(SandboxEnvironment environment)
{
    private const string Extension = ".path";

    private string Folder => environment.RegistryFolder;

    /// <summary>Remembers a sandbox.</summary>
    public void Add(SandboxFolder sandbox)
    {
        string entry = EntryOf(sandbox.Root);
        if (!File.Exists(entry))
        {
            Directory.CreateDirectory(Folder);
            File.WriteAllText(entry, sandbox.Root);
        }
    }

    /// <summary>Forgets a sandbox.</summary>
    public void Remove(SandboxFolder sandbox)
    {
        if (Directory.Exists(Folder))
        {
            File.Delete(EntryOf(sandbox.Root));
        }
    }

    /// <summary>The known sandboxes by path; those whose folder is gone are forgotten.</summary>
    public IReadOnlyList<(SandboxFolder Folder, SandboxState State)> List()
    {
        if (!Directory.Exists(Folder))
        {
            return [];
        }

        var found = new List<(SandboxFolder Folder, SandboxState State)>();
        foreach (string entry in Directory.EnumerateFiles(Folder, "*" + Extension).ToList())
        {
            if (ReadEntry(entry) is { } sandbox && sandbox.ReadState() is { } state)
            {
                found.Add((sandbox, state));
            }
            else
            {
                File.Delete(entry);
            }
        }

        return [.. found.DistinctBy(item => item.State.Id).OrderBy(item => item.Folder.Root, StringComparer.Ordinal)];
    }

    private static SandboxFolder? ReadEntry(string entry)
    {
        try
        {
            string path = File.ReadAllText(entry);
            return Path.IsPathFullyQualified(path) ? SandboxFolder.At(path) : null;
        }
        catch (FileNotFoundException)
        {
            // Forgotten by another process between listing and reading.
            return null;
        }
    }

    private string EntryOf(string path) =>
        Path.Combine(Folder, Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16] + Extension);
}
