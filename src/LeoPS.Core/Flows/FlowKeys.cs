using LeoPS.Text;

namespace LeoPS.Flows;

/// <summary>Keys of flows as people type them.</summary>
public static class FlowKeys
{
    /// <summary>The key that a text names, with its backticks resolved.</summary>
    /// <exception cref="LeoException">InvalidIdentity for a pattern and an empty text; FlowNotFound for what no key can be.</exception>
    public static string Single(string typed)
    {
        if (string.IsNullOrWhiteSpace(typed))
        {
            throw LeoErrors.InvalidFlow("An empty flow key");
        }

        if (Wildcard.IsPattern(typed))
        {
            throw LeoErrors.PatternForOne("flow", typed, $"Pipe those that match: Get-Flow -FlowKey '{LeoErrors.Short(typed)}'.");
        }

        return StoredText.IsStorable(typed)
            ? Wildcard.Unescape(typed)
            : throw LeoErrors.NoSuchName(LeoErrorId.FlowNotFound, "flow", typed);
    }
}
