namespace LeoPS.Postgres.Sandbox;

/// <summary>Removes a folder that another process may just be leaving.</summary>
internal static class FolderRemoval
{
    private const int Attempts = 50;

    /// <summary>Removes a folder and what is in it; links are removed, not followed.</summary>
    /// <exception cref="IOException">Something in it is still in use after five seconds.</exception>
    public static async Task RemoveAsync(string folder, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
                return;
            }
            catch (DirectoryNotFoundException) when (!Directory.Exists(folder))
            {
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && attempt < Attempts)
            {
                // An orphaned initdb still writes, or Windows has not let go of a file yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken).ConfigureAwait(false);
        }
    }
}
