using System.Text;

namespace LeoPS;

/// <summary>Where a walk through nested objects is: the containers it is in, and its place in each.</summary>
/// <param name="root">What the outermost value is called, such as "-InputState".</param>
internal sealed class JsonPath(string root)
{
    // Messages stay readable: a path of many steps shows its two ends.
    private const int ShownFirst = 8;
    private const int ShownLast = 4;
    private const int ShownOfKey = 60;

    private readonly List<Step> _steps = [];

    /// <summary>How many containers the walk is in.</summary>
    public int Depth => _steps.Count;

    /// <summary>Goes into a container; no place in it yet.</summary>
    public void Enter(object container) => _steps.Add(new Step(container, null, -1));

    /// <summary>Leaves the innermost container.</summary>
    public void Leave() => _steps.RemoveAt(_steps.Count - 1);

    /// <summary>The place in the innermost container is this key; null where it is none.</summary>
    public void At(string? key) => _steps[^1] = _steps[^1] with { Key = key };

    /// <summary>The place in the innermost container is this index.</summary>
    public void At(int index) => _steps[^1] = _steps[^1] with { Index = index };

    /// <summary>How many containers lie around this one; negative where the walk is not inside it.</summary>
    public int Find(object container) => _steps.FindIndex(step => ReferenceEquals(step.Container, container));

    /// <summary>Forgets the walk.</summary>
    public void Clear() => _steps.Clear();

    /// <summary>The place, such as "-InputState.steps[2].name".</summary>
    public override string ToString() => ToString(Depth);

    /// <summary>The place where the walk has gone this deep.</summary>
    public string ToString(int depth)
    {
        var text = new StringBuilder(root);
        for (int i = 0; i < depth; i++)
        {
            if (i == ShownFirst && depth > ShownFirst + ShownLast)
            {
                text.Append('…');
                i = depth - ShownLast;
            }

            if (_steps[i].Key is { } key)
            {
                AppendKey(text, key);
            }
            else if (_steps[i].Index >= 0)
            {
                text.Append('[').Append(_steps[i].Index).Append(']');
            }
        }

        return text.ToString();
    }

    private static void AppendKey(StringBuilder text, string key)
    {
        if (key.Length is > 0 and <= ShownOfKey && !char.IsAsciiDigit(key[0]) && key.All(c => char.IsLetterOrDigit(c) || c == '_'))
        {
            text.Append('.').Append(key);
            return;
        }

        text.Append("['");
        foreach (Rune rune in (key.Length <= ShownOfKey ? key : $"{key[..(ShownOfKey - 1)]}…").EnumerateRunes())
        {
            text.Append(Rune.IsControl(rune) ? Rune.ReplacementChar : rune).Append(rune.Value == '\'' ? "'" : "");
        }

        text.Append("']");
    }

    private readonly record struct Step(object Container, string? Key, int Index);
}
