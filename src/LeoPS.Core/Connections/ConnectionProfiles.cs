using LeoPS.Text;

namespace LeoPS;

/// <summary>
/// The user's profiles: the file that LEOPS_PROFILES names, or leops/profiles.json under %APPDATA% on Windows, $XDG_CONFIG_HOME or ~/.config elsewhere.
/// </summary>
internal sealed class ConnectionProfiles(Func<string, string?> variable, IConnectionFiles files)
{
    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Where they are kept; null where the environment tells no place.</summary>
    public string? Path
    {
        get
        {
            if (variable("LEOPS_PROFILES") is { Length: > 0 } named)
            {
                return named;
            }

            string? folder = OperatingSystem.IsWindows()
                ? variable("APPDATA")
                : variable("XDG_CONFIG_HOME") is { Length: > 0 } own ? own : variable("HOME") is { Length: > 0 } home ? System.IO.Path.Combine(home, ".config") : null;
            return string.IsNullOrEmpty(folder) ? null : System.IO.Path.Combine(folder, "leops", "profiles.json");
        }
    }

    /// <summary>The profile of a name, in any case.</summary>
    /// <exception cref="LeoException">ConnectionFailed where there is none, or the file cannot be used.</exception>
    public ConnectionProfile Get(string name)
    {
        string path = Path ?? throw new LeoException(LeoErrorId.ConnectionFailed, "There is no place for profiles: neither LEOPS_PROFILES nor a home folder is set.");
        IReadOnlyList<ConnectionProfile> all = ReadAll(path);
        if (all.FirstOrDefault(p => string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase)) is { } found)
        {
            return found;
        }

        string[] names = [.. all.Select(p => p.Name)];
        string near = NearestName.Find(name, names) is { } meant ? $" Is {meant} meant?" : names.Length > 0 ? $" There are: {string.Join(", ", names)}." : "";
        throw new LeoException(LeoErrorId.ConnectionFailed, $"There is no profile {Redaction.Redact(name)} in {Redaction.Redact(path)}.{near}");
    }

    /// <summary>The names, for completion: none where the file cannot be used.</summary>
    public IReadOnlyList<string> Names()
    {
        try
        {
            return Path is { } path ? [.. ReadAll(path).Select(p => p.Name)] : [];
        }
        catch (LeoException)
        {
            // Whoever uses a profile is told; a completion only has nothing to offer.
            return [];
        }
    }

    private IReadOnlyList<ConnectionProfile> ReadAll(string path)
    {
        string shown = Redaction.Redact(path);
        try
        {
            string? text = files.ReadText(path);
            if (text is null)
            {
                throw new LeoException(LeoErrorId.ConnectionFailed, $"There is no file of profiles: {shown}. It is a JSON object with a member for each profile, such as {{ \"staging\": {{ \"host\": \"db.example.com\" }} }}.");
            }

            if (files.ModeOf(path) is { } mode && (mode & WritableByOthers) != UnixFileMode.None)
            {
                throw new LeoException(LeoErrorId.ConnectionFailed, $"The file of profiles {shown} was not used: others than its owner may write to it, and could send a password elsewhere. Take that away (chmod go-w).");
            }

            return ProfileFile.Read(text, path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new LeoException(LeoErrorId.ConnectionFailed, $"The file of profiles {shown} cannot be read. Check its permissions, and that it is a file.");
        }
    }
}
