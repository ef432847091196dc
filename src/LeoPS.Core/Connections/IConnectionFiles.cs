namespace LeoPS;

/// <summary>The files that libpq reads beside the environment: the password file and the service file.</summary>
public interface IConnectionFiles
{
    /// <summary>The text of a file; null where no file is there.</summary>
    /// <exception cref="IOException">It is there and cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It is there and this user may not read it, or it is a folder.</exception>
    string? ReadText(string path);

    /// <summary>The Unix permissions of a file that is there; null on Windows.</summary>
    UnixFileMode? ModeOf(string path);
}
