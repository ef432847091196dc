using System.Globalization;
using System.Text.Json;

namespace LeoPS.Executions;

/// <summary>One of several tries of the same work, each a run of its own.</summary>
/// <param name="Number">Counts from 1.</param>
/// <param name="RetryOf">The run before it; null for the first.</param>
public sealed record RunAttempt(int Number, Guid? RetryOf)
{
    /// <summary>The first try.</summary>
    public static RunAttempt First { get; } = new(1, null);

    /// <summary>The try after this one, which was that run.</summary>
    public RunAttempt Next(Guid run) => new(Number + 1, run);

    /// <summary>The key of this try: a key stands for one run, so that later tries have their number behind it. Null where none was given.</summary>
    public string? KeyOf(string? given) => given is null || Number == 1 ? given : string.Create(CultureInfo.InvariantCulture, $"{given}-{Number}");

    /// <summary>Fails where the key of the last try would be longer than a key may be: by then the work would have been done, and failed, in vain.</summary>
    /// <param name="given">The key of the first try; null where none was given.</param>
    /// <param name="retries">How many tries may follow it.</param>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public static void CheckKeys(string? given, int retries)
    {
        int last = new RunAttempt(retries + 1, null).KeyOf(given)?.Length ?? 0;
        if (retries > 0 && last > RunStart.MaxKeyLength)
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, string.Create(
                CultureInfo.InvariantCulture, $"The execution key has {given!.Length} characters, and later attempts have their number behind it: the last of them needs {last}, and a key holds {RunStart.MaxKeyLength}. Give a shorter key."));
        }
    }

    /// <summary>The metadata of this try: as given, and for later ones with their number and the run before them.</summary>
    /// <param name="given">JSON text; null for none.</param>
    /// <exception cref="LeoException">InvalidJson where it is no object: nothing could be added to it, neither these nor the owner.</exception>
    public string? AddTo(string? given)
    {
        if (given is not null)
        {
            using JsonDocument document = JsonDocument.Parse(given, new JsonDocumentOptions { MaxDepth = JsonValue.MaxDepth });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new LeoException(LeoErrorId.InvalidJson, "-Metadata is no object, and the owner of the run has to be written there. Give a hashtable, such as @{ ticket = 4711 }.");
            }
        }

        if (RetryOf is not { } before)
        {
            return given;
        }

        string own = string.Create(CultureInfo.InvariantCulture, $"\"attempt\": {Number}, \"retryOf\": \"{before}\"");
        string members = given?.Trim()[1..^1].Trim() ?? "";
        return members.Length == 0 ? $"{{{own}}}" : $"{{{members}, {own}}}";
    }
}
