using System.Diagnostics;
using System.Security.Cryptography;

namespace LeoPS.Postgres.Sandbox;

/// <summary>Lets one process at a time start, stop or remove a sandbox. The system frees it when its holder dies.</summary>
internal sealed class SandboxLock : IDisposable
{
    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockOnMac = 35;
    private const int SharingViolationOnWindows = unchecked((int)0x80070020);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _stream;
    private readonly SandboxFolder _folder;

    private SandboxLock(FileStream stream, SandboxFolder folder)
    {
        _stream = stream;
        _folder = folder;
    }

    /// <summary>Waits for the lock; the folder must exist.</summary>
    /// <param name="folder">The sandbox.</param>
    /// <param name="patience">How long to wait for another process.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The lock; null where the folder went away meanwhile.</returns>
    /// <exception cref="LeoException">SandboxFailed where another process holds it too long.</exception>
    public static async Task<SandboxLock?> AcquireAsync(SandboxFolder folder, TimeSpan patience, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (!Directory.Exists(folder.Root))
            {
                return null;
            }

            if (TryOpen(folder) is { } stream)
            {
                if (IsStillThere(stream, folder))
                {
                    return new SandboxLock(stream, folder);
                }

                await stream.DisposeAsync().ConfigureAwait(false);
            }
            else if (watch.Elapsed > patience)
            {
                throw SandboxFailure.Because(
                    $"Another process has been busy with the sandbox in '{folder.Root}' for {patience.TotalSeconds:0} seconds. Try again when it is done.");
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the lock's file and the emptied folder away, and lets go.</summary>
    public void DisposeWithFolder()
    {
        if (OperatingSystem.IsWindows())
        {
            // Windows does not delete an open file.
            Dispose();
        }

        File.Delete(_folder.Lock);
        _folder.RemoveIfEmpty();
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static FileStream? TryOpen(SandboxFolder folder)
    {
        try
        {
            return new FileStream(folder.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
        catch (IOException e) when (e.HResult is WouldBlockOnLinux or WouldBlockOnMac or SharingViolationOnWindows)
        {
            return null;
        }
    }

    /// <summary>
    /// On Unix the file we hold may have been removed, and another made under its name, while we waited for it. A time that only we
    /// know, set through the handle, must be seen through the name; the file's text would be behind the lock.
    /// </summary>
    private static bool IsStillThere(FileStream stream, SandboxFolder folder)
    {
        DateTime ours = DateTime.UnixEpoch.AddSeconds(RandomNumberGenerator.GetInt32(int.MaxValue));
        File.SetLastWriteTimeUtc(stream.SafeFileHandle, ours);
        return File.GetLastWriteTimeUtc(folder.Lock) == ours;
    }
}
