using System.Text.Json;

namespace LeoPS.Postgres.Sandbox;

/// <summary>The layout of a sandbox's folder, and whether it is one.</summary>
internal sealed class SandboxFolder
{
    private const string MarkerName = "leops-sandbox.json";
    private const string MarkerDraftName = "leops-sandbox.json.new";
    private const string LockName = "leops-sandbox.lock";
    private const string PasswordName = "password";
    private const string MakingPrefix = "making-";
    private const string DataName = "data";
    private const string LogFolderName = "log";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private SandboxFolder(string path) => Root = path;

    /// <summary>The folder itself, a full path without a separator at its end.</summary>
    public string Root { get; }

    /// <summary>PGDATA.</summary>
    public string Data => Path.Combine(Root, DataName);

    /// <summary>PGDATA as seen from <see cref="Root"/>: server tools get no path whose letters a shell could take for its own.</summary>
    public static string RelativeData => DataName;

    /// <summary>The server's log as seen from <see cref="Root"/>.</summary>
    public static string RelativeLog => $"{LogFolderName}/server.log";

    /// <summary>The folder the server may write its log to.</summary>
    public string LogFolder => Path.Combine(Root, LogFolderName);

    /// <summary>The server's log.</summary>
    public string Log => Path.Combine(LogFolder, "server.log");

    /// <summary>The superuser's password, for the owner's eyes only.</summary>
    public string Password => Path.Combine(Root, PasswordName);

    /// <summary>Held by whoever starts, stops or removes.</summary>
    public string Lock => Path.Combine(Root, LockName);

    private string Marker => Path.Combine(Root, MarkerName);

    private string MarkerDraft => Path.Combine(Root, MarkerDraftName);

    /// <summary>The folder of a path, there or not.</summary>
    /// <exception cref="LeoException">SandboxFailed for an empty path.</exception>
    public static SandboxFolder At(string path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw SandboxFailure.Because("The path of a sandbox is empty. Name a folder, or leave -Path out for the default one.");
        }

        return new SandboxFolder(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
    }

    /// <summary>What the sandbox remembers; null where the folder is not a sandbox of ours.</summary>
    public SandboxState? ReadState()
    {
        if (!File.Exists(Marker))
        {
            return null;
        }

        try
        {
            SandboxState? state = JsonSerializer.Deserialize<SandboxState>(File.ReadAllText(Marker), Json);
            return string.Equals(state?.Kind, SandboxState.OurKind, StringComparison.Ordinal) ? state : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Removed at this moment.
            return null;
        }
        catch (JsonException)
        {
            // Someone else's file of that name: the folder is not ours.
            return null;
        }
    }

    /// <summary>Replaces what the sandbox remembers; a reader sees the old or the new, never half.</summary>
    public void WriteState(SandboxState state)
    {
        File.WriteAllText(MarkerDraft, JsonSerializer.Serialize(state, Json) + "\n");
        File.Move(MarkerDraft, Marker, overwrite: true);
    }

    /// <summary>Throws where making a sandbox here would touch what is not ours.</summary>
    /// <exception cref="LeoException">SandboxFailed.</exception>
    public void RefuseForeign()
    {
        if (File.Exists(Root))
        {
            throw SandboxFailure.Because($"'{Root}' is a file. Name a new or an empty folder with -Path.");
        }

        if (!Directory.Exists(Root) || ReadState() is not null)
        {
            return;
        }

        string? foreign = Directory.EnumerateFileSystemEntries(Root).Select(Path.GetFileName)
            .FirstOrDefault(name => name is not (LockName or MarkerDraftName));
        // Once more: another process may have made its sandbox here between the two looks.
        if (foreign is not null && ReadState() is null)
        {
            throw SandboxFailure.Because(
                $"'{Root}' is not a sandbox of LeoPS and is not empty (it holds '{foreign}'), so nothing was put there. Name a new or an empty folder with -Path.");
        }
    }

    /// <summary>A new name for a folder that is being made or taken away.</summary>
    public string NewMaking() => Path.Combine(Root, MakingPrefix + Guid.NewGuid().ToString("N")[..8]);

    /// <summary>Takes away what a killed process left half-made.</summary>
    public async Task ClearMakingsAsync(CancellationToken cancellationToken)
    {
        foreach (string folder in Directory.EnumerateDirectories(Root, MakingPrefix + "*").ToList())
        {
            await FolderRemoval.RemoveAsync(folder, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes away everything of ours, the marker last, and the folder itself where nothing else is in it.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        if (Directory.Exists(Data))
        {
            // Half-deleted data must not look like data.
            Directory.Move(Data, NewMaking());
        }

        await ClearMakingsAsync(cancellationToken).ConfigureAwait(false);
        if (Directory.Exists(LogFolder))
        {
            await FolderRemoval.RemoveAsync(LogFolder, cancellationToken).ConfigureAwait(false);
        }

        File.Delete(Password);
        File.Delete(MarkerDraft);
        File.Delete(Marker);
    }

    /// <summary>Takes the folder away where it is empty.</summary>
    public void RemoveIfEmpty()
    {
        if (Directory.Exists(Root) && !Directory.EnumerateFileSystemEntries(Root).Any())
        {
            Directory.Delete(Root);
        }
    }
}
