using System.Collections.Concurrent;

namespace LeoPS.Composition;

/// <summary>What the users of this process have been told already.</summary>
internal static class ToldOnce
{
    private static readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    /// <summary>True the first time that a text is asked for.</summary>
    public static bool IsNew(string text) => _told.TryAdd(text, true);
}
