namespace LeoPS;

/// <summary>A jsonb column: its raw text, parsed when first asked for.</summary>
internal struct JsonColumn(string? raw)
{
    private object? _value;
    private bool _parsed;

    public string? Raw { get; } = raw;

    public object? Value
    {
        get
        {
            if (!_parsed)
            {
                _value = Raw is null ? null : JsonValue.Parse(Raw);
                _parsed = true;
            }

            return _value;
        }
    }
}
