namespace LeoPS;

/// <summary>A jsonb column: its raw text, parsed when first asked for.</summary>
internal struct JsonColumn(string? raw)
{
    private static readonly object _none = JsonValue.Parse("{}")!;

    private object? _value;

    public string? Raw { get; } = raw;

    /// <summary>Several threads may ask at once: the reference is all there is to publish.</summary>
    public object? Value => Raw is null ? null : _value ??= JsonValue.Parse(Raw);

    /// <summary>The value; an empty object where there is none.</summary>
    public object ValueOrEmpty => Value ?? _none;
}
