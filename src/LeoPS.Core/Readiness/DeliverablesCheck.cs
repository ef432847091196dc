using static LeoPS.ReadinessElement;

namespace LeoPS.Readiness;

/// <summary>The deliverables manifest: what is listed, and how much of it is finished.</summary>
internal static class DeliverablesCheck
{
    private const int MaxNamed = 3;

    public static IEnumerable<ReadinessFinding> Find(TextArray? manifest, ReadinessRules rules)
    {
        if (manifest is null or { Count: 0 })
        {
            string what = manifest is null ? "is not filled in" : "is empty";
            yield return ReadinessFinding.Blocking(DeliverablesManifest, $"deliverables_manifest {what}.", "List what is handed over, one entry each: files, migrations, pages.");
            yield break;
        }

        IReadOnlyList<string?> entries = DeliverableList.Of(manifest);
        string?[] open = [.. entries.Where(Deliverable.IsOpen)];
        int done = entries.Count - open.Length;
        string named = string.Join(", ", open.Take(MaxNamed).Select(entry => string.IsNullOrWhiteSpace(entry) ? "an empty entry" : Prose.Quote(entry)));
        string message = $"{done} of {entries.Count} deliverables are finished ({Prose.Percent(done * 100m / entries.Count)}); open: {named}{(open.Length > MaxNamed ? ", …" : "")}.";
        const string remedy = "Finish what is open and mark it so, or take out of deliverables_manifest what is not handed over.";

        // Compared without dividing: no rounding decides.
        if (done * 100m < rules.MinimumDeliverables * entries.Count)
        {
            yield return ReadinessFinding.Blocking(DeliverablesManifest, message, remedy);
        }
        else if (done * 100m < rules.WarningDeliverables * entries.Count)
        {
            yield return ReadinessFinding.Warning(DeliverablesManifest, message, remedy);
        }
    }
}
