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
