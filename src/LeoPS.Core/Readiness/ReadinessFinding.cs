namespace LeoPS;

/// <summary>One thing that is missing or thin in a handoff.</summary>
public sealed class ReadinessFinding
{
    private ReadinessFinding(ReadinessElement element, FindingSeverity severity, string message, string remedy)
    {
        Element = element;
        Severity = severity;
        Message = message;
        Remedy = remedy;
    }

    /// <summary>The element concerned.</summary>
    public ReadinessElement Element { get; }

    /// <summary>Whether it blocks.</summary>
    public FindingSeverity Severity { get; }

    /// <summary>What was found, on one line, with the column and the figures.</summary>
    public string Message { get; }

    /// <summary>What to do about it, on one line.</summary>
    public string Remedy { get; }

    /// <summary>Severity, element and message.</summary>
    public override string ToString() => $"{Severity} {Element}: {Message}";

    internal static ReadinessFinding Blocking(ReadinessElement element, string message, string remedy) =>
        new(element, FindingSeverity.Blocking, message, remedy);

    internal static ReadinessFinding Warning(ReadinessElement element, string message, string remedy) =>
        new(element, FindingSeverity.Warning, message, remedy);
}
