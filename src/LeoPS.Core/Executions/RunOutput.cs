using System.Globalization;
using System.Text;

namespace LeoPS.Executions;

/// <summary>What a block writes, as the JSON array that becomes the output state of its run. What is too much is counted and not kept.</summary>
internal sealed class RunOutput
{
    private const int MaxRefusals = 10;
    private readonly JsonBuilder _builder;
    private readonly long _maxBytes;
    private readonly List<LeoException> _refusals = [];
    private StringBuilder _json = new("[");
    private long _items;
    private long _refused;

    /// <summary>Creates an empty output.</summary>
    /// <param name="shape">What the host knows of values.</param>
    /// <param name="maxBytes">Bytes of JSON, in UTF-8, that are kept at the most.</param>
    public RunOutput(IObjectShape shape, long maxBytes)
    {
        _builder = new JsonBuilder(shape, "output");
        _maxBytes = maxBytes;
    }

    /// <summary>Bytes of the whole array in UTF-8, kept or not.</summary>
    public long Bytes { get; private set; } = 2;

    /// <summary>True where it was too much.</summary>
    public bool Truncated { get; private set; }

    /// <summary>The array; where it was too much, an object that says so.</summary>
    public string Json => Truncated ? string.Create(CultureInfo.InvariantCulture, $$"""{"truncated": true, "bytes": {{Bytes}}}""") : $"{_json}]";

    /// <summary>Why items could not become JSON, and are null in the array; the first few of many, and how many more.</summary>
    public IReadOnlyList<LeoException> Refusals => _refused <= MaxRefusals
        ? _refusals
        : [.. _refusals, new LeoException(LeoErrorId.InvalidJson, string.Create(CultureInfo.InvariantCulture, $"{_refused - MaxRefusals} more items of the output cannot become JSON, and are null in output_state."))];

    /// <summary>Takes what was written.</summary>
    public void Add(object? item)
    {
        string text;
        try
        {
            // As an element of an array a string is a string, and not JSON text.
            text = _builder.Build(new[] { item })![1..^1];
        }
        catch (LeoException e)
        {
            text = "null";
            _refused++;
            if (_refused <= MaxRefusals)
            {
                // It was built as an array of its own.
                string why = e.Message.Replace("output[0]", string.Create(CultureInfo.InvariantCulture, $"output[{_items}]"), StringComparison.Ordinal);
                _refusals.Add(new LeoException(e.ErrorId, string.Create(CultureInfo.InvariantCulture, $"Item {_items + 1} of the output cannot become JSON, and is null in output_state: {why}")));
            }
        }

        bool first = _items++ == 0;
        Bytes += Encoding.UTF8.GetByteCount(text) + (first ? 0 : 1);
        if (Truncated || Bytes > _maxBytes)
        {
            Truncated = true;
            _json = new StringBuilder();
            return;
        }

        _json.Append(first ? "" : ",").Append(text);
    }
}
