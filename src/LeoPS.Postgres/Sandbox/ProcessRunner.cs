using System.Collections;
using System.ComponentModel;
using System.Diagnostics;

namespace LeoPS.Postgres.Sandbox;

/// <summary>Runs a program to its end and gathers what it says.</summary>
internal static class ProcessRunner
{
    // A server's environment can be read from within the server: it gets nothing of the user's beyond these.
    private static readonly string[] Kept =
        ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SystemRoot", "SystemDrive", "windir", "ComSpec", "TEMP", "TMP"];

    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    /// <summary>Runs a program that gets hardly any of our environment.</summary>
    public static Task<ProcessResult> RunBareAsync(
        string file, IReadOnlyList<string> arguments, string workingFolder, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = Describe(file, arguments, workingFolder);
        start.Environment.Clear();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (Kept.Contains((string)variable.Key, StringComparer.OrdinalIgnoreCase))
            {
                start.Environment[(string)variable.Key] = (string?)variable.Value;
            }
        }

        // English and bytes as they are: messages are read back, paths are not translated.
        start.Environment["LC_ALL"] = "C";
        return RunAsync(start, cancellationToken);
    }

    /// <summary>Runs a program that gets our environment.</summary>
    public static Task<ProcessResult> RunAsync(
        string file, IReadOnlyList<string> arguments, string workingFolder, CancellationToken cancellationToken) =>
        RunAsync(Describe(file, arguments, workingFolder), cancellationToken);

    /// <summary>
    /// Runs a program through Windows' shell, in a console of its own: what it leaves running neither holds our pipes nor hears our Ctrl+C.
    /// </summary>
    public static async Task<ProcessResult> RunApartOnWindowsAsync(
        string file, IReadOnlyList<string> arguments, string workingFolder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(file)
        {
            UseShellExecute = true,
            WindowStyle = ProcessWindowStyle.Hidden,
            WorkingDirectory = workingFolder,
        };
        AddAll(start, arguments);
        using Process process = Start(start);
        await WaitAsync(process, cancellationToken).ConfigureAwait(false);
        return new ProcessResult(process.ExitCode, "", "");
    }

    private static async Task<ProcessResult> RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        using Process process = Start(start);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Task<string> error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await WaitAsync(process, cancellationToken).ConfigureAwait(false);
        return new ProcessResult(
            process.ExitCode,
            await TextOfAsync(output).ConfigureAwait(false),
            await TextOfAsync(error).ConfigureAwait(false));
    }

    private static ProcessStartInfo Describe(string file, IReadOnlyList<string> arguments, string workingFolder)
    {
        var start = new ProcessStartInfo(file)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingFolder,
        };
        AddAll(start, arguments);
        return start;
    }

    private static void AddAll(ProcessStartInfo start, IReadOnlyList<string> arguments)
    {
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw SandboxFailure.Because($"'{start.FileName}' could not be started.");
        }
        catch (Win32Exception e)
        {
            throw SandboxFailure.Because($"'{start.FileName}' could not be started: {e.Message}");
        }
    }

    private static async Task WaitAsync(Process process, CancellationToken cancellationToken)
    {
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>A grandchild may keep the pipe open after the program has ended; its words are not waited for.</summary>
    private static async Task<string> TextOfAsync(Task<string> reading)
    {
        await Task.WhenAny(reading, Task.Delay(LastWords, CancellationToken.None)).ConfigureAwait(false);
        return reading.IsCompletedSuccessfully ? await reading.ConfigureAwait(false) : "";
    }
}
