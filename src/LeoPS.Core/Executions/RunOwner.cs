using System.Text.Json;

namespace LeoPS.Executions;

/// <summary>The process that owns a run, as it stands in the run's metadata.</summary>
/// <param name="Host">The machine.</param>
/// <param name="ProcessId">The process on it.</param>
/// <param name="Evidence">By what the server can tell that it is there.</param>
public sealed record RunOwner(string Host, long ProcessId, OwnershipEvidence Evidence)
{
    /// <summary>The key in the metadata under which the owner stands.</summary>
    public const string Key = "owner";

    /// <summary>A lock holds no longer than the session; an owner whose session the server has just ended has this long to come back.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>How often a heartbeat is renewed.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);

    /// <summary>How old a heartbeat is when its owner counts as gone: three were missed.</summary>
    public static readonly TimeSpan Silence = 3 * Beat;

    /// <summary>Who owns a run, or owned it last; null where nobody is told.</summary>
    public static RunOwner? Of(FlowExecution row)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (row.RawMetadata is not { } metadata)
        {
            return null;
        }

        using JsonDocument document = JsonDocument.Parse(metadata, new JsonDocumentOptions { MaxDepth = JsonValue.MaxDepth });
        return document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty(Key, out JsonElement owner)
            && owner.ValueKind == JsonValueKind.Object
            && Text(owner, "host") is { } host
            && owner.TryGetProperty("pid", out JsonElement pid) && pid.ValueKind == JsonValueKind.Number && pid.TryGetInt64(out long process)
            && Text(owner, "evidence") is { } text && Array.Find(Enum.GetNames<OwnershipEvidence>(), n => n == text) is { } evidence
                ? new RunOwner(host, process, Enum.Parse<OwnershipEvidence>(evidence))
                : null;
    }

    /// <summary>"process 4711 on build-7".</summary>
    public override string ToString() => $"process {ProcessId} on {Host}";

    private static string? Text(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
