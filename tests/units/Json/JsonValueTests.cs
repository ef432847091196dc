using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace LeoPS.Units.Json;

public sealed class JsonValueTests
{
    public static TheoryData<string, object?> Scalars { get; } = new()
    {
        { "null", null },
        { " true ", true },
        { "false", false },
        { "\"a\\u00e9\\n\\ud83d\\ude00\"", "aé\n😀" },
        { "\"\"", "" },
        { "0", 0L },
        { "-1", -1L },
        { "9223372036854775807", long.MaxValue },
        { "-9223372036854775808", long.MinValue },
        { "9223372036854775808", 9223372036854775808m },
        { "79228162514264337593543950335", decimal.MaxValue },
        { "79228162514264337593543950336", BigInteger.Parse("79228162514264337593543950336", CultureInfo.InvariantCulture) },
        { "-1e2", -100d },
        { "87.50", 87.50m },
        { "0.1", 0.1m },
        { "1.0", 1.0m },
        { "1e-3", 0.001d },
        { "0.12345678901234567890123456789012345", 0.12345678901234567890123456789012345d },
        { "1e308", 1e308 },
        { "1e400", "1e400" },
        { "-1E+400", "-1E+400" },
        { "1e-400", "1e-400" },
        { "0e-400", 0d },
        { "0.0", 0.0m },
    };

    [Theory]
    [MemberData(nameof(Scalars))]
    public void Reads_scalars(string raw, object? expected)
    {
        object? value = JsonValue.Parse(raw);

        Assert.Equal(expected?.GetType(), value?.GetType());
        Assert.Equal(expected, value);
        if (expected is decimal number)
        {
            Assert.Equal(raw, ((decimal)value!).ToString(CultureInfo.InvariantCulture));
            Assert.Equal(decimal.GetBits(number), decimal.GetBits((decimal)value!));
        }
    }

    [Fact]
    public void A_number_longer_than_PostgreSQL_has_is_its_text()
    {
        string longest = new('9', 131_072);

        Assert.IsType<BigInteger>(JsonValue.Parse(longest));
        Assert.True(longest + "9" == JsonValue.Parse(longest + "9") as string);
        Assert.IsType<BigInteger>(JsonValue.Parse("-" + longest));
    }

    [Fact]
    public void Objects_keep_order_case_and_text()
    {
        const string raw = """{"b": 1.10, "A": [1, null, {"x":"😀"}],"a":true, "B":{}}""";
        JsonMap map = Assert.IsType<JsonMap>(JsonValue.Parse("  " + raw + "\n"));

        Assert.Equal(raw, map.ToString());
        Assert.Equal(["b", "A", "a", "B"], map.Keys.Cast<string>());
        Assert.Equal(1.10m, map["b"]);
        Assert.Equal(true, map["a"]);
        JsonList list = Assert.IsType<JsonList>(map["A"]);
        Assert.Equal("""[1, null, {"x":"😀"}]""", list.ToString());
        Assert.Equal("""{"x":"😀"}""", list[2]!.ToString());
        Assert.Null(list[1]);
        Assert.Equal("{}", map["B"]!.ToString());
        Assert.Equal(4, map.Count);
        Assert.Equal(4, map.Values.Count);
    }

    [Fact]
    public void Keys_are_found_in_any_case_and_exactly_first()
    {
        var map = (JsonMap)JsonValue.Parse("""{"Unit":1,"UNIT":2,"1":"one","Other":null}""")!;

        Assert.Equal(1L, map["Unit"]);
        Assert.Equal(2L, map["UNIT"]);
        Assert.Equal(1L, map["unit"]);
        Assert.Equal("one", map[1]);
        Assert.Null(map["none"]);
        Assert.Null(map[null]);
        Assert.True(map.Contains("other"));
        Assert.Null(map["other"]);
        Assert.False(map.Contains("none"));
        Assert.False(map.Contains(null));
    }

    [Fact]
    public void A_key_given_twice_has_its_last_value_in_its_first_place()
    {
        var map = (JsonMap)JsonValue.Parse("""{"a":1,"b":2,"a":3}""")!;

        Assert.Equal(["a", "b"], map.Keys.Cast<string>());
        Assert.Equal([3L, 2L], map.Values.Cast<object>());
    }

    [Fact]
    public void A_map_is_a_read_only_dictionary()
    {
        var map = (JsonMap)JsonValue.Parse("""{"a":1,"b":[]}""")!;
        IDictionaryEnumerator enumerator = map.GetEnumerator();
        var copy = new DictionaryEntry[3];
        map.CopyTo(copy, 1);

        Assert.True(enumerator.MoveNext());
        Assert.Equal(("a", 1L), (enumerator.Key, enumerator.Value));
        Assert.True(enumerator.MoveNext());
        Assert.False(enumerator.MoveNext());
        enumerator.Reset();
        Assert.True(enumerator.MoveNext());
        Assert.Equal(new DictionaryEntry("a", 1L), enumerator.Current);
        Assert.Equal(["a", "b"], ((IEnumerable)map).Cast<DictionaryEntry>().Select(entry => (string)entry.Key));
        Assert.Equal("b", copy[2].Key);
        Assert.True(map.IsReadOnly && map.IsFixedSize);
        Assert.False(((ICollection)map).IsSynchronized);
        Assert.Same(map, ((ICollection)map).SyncRoot);
        Assert.Throws<NotSupportedException>(() => map.Add("c", 1));
        Assert.Throws<NotSupportedException>(() => map.Remove("a"));
        Assert.Throws<NotSupportedException>(() => map["a"] = 2);
        Assert.Throws<NotSupportedException>(map.Clear);
        Assert.Throws<NotSupportedException>(() => ((IList)map["b"]!).Add(1));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{")]
    [InlineData("[1,]")]
    [InlineData("{'a':1}")]
    [InlineData("{\"a\":1}x")]
    [InlineData("1 2")]
    [InlineData("01")]
    [InlineData("NaN")]
    [InlineData("// c\n1")]
    [InlineData("\"a\nb\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("{\"\\udc00\":1}")]
    public void What_is_not_json_is_refused(string raw)
    {
        LeoException error = Assert.Throws<LeoException>(() => JsonValue.Parse(raw));

        Assert.Equal(LeoErrorId.InvalidJson, error.ErrorId);
        Assert.False(JsonText.IsValid(raw, out string? message));
        Assert.Equal(error.Message, message);
    }

    [Fact]
    public void Half_a_character_is_refused()
        => Assert.Equal(LeoErrorId.InvalidJson, Assert.Throws<LeoException>(() => JsonValue.Parse("\"" + (char)0xd800 + "\"")).ErrorId);

    [Fact]
    public void The_place_is_told()
        => Assert.Contains("line 2, byte 3", Assert.Throws<LeoException>(() => JsonValue.Parse("{\n  x")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public void Nesting_has_an_end_and_does_not_end_the_process(string open, string close)
    {
        string Nest(int depth) => string.Concat(Enumerable.Repeat(open, depth)) + (open == "[" ? "" : "1") + string.Concat(Enumerable.Repeat(close, depth));

        Assert.NotNull(JsonValue.Parse(Nest(JsonValue.MaxDepth)));
        Assert.Equal(LeoErrorId.InvalidJson, Assert.Throws<LeoException>(() => JsonValue.Parse(Nest(JsonValue.MaxDepth + 1))).ErrorId);
        Assert.Equal(LeoErrorId.InvalidJson, Assert.Throws<LeoException>(() => JsonValue.Parse(Nest(200_000))).ErrorId);
    }

    [Property]
    public bool Any_string_comes_back_as_value_key_and_text(string? text)
    {
        string clean = Whole(text);
        string json = JsonText.EscapeString(clean);
        var map = (JsonMap)JsonValue.Parse($"{{{json}:[{json}]}}")!;
        return (string?)JsonValue.Parse(json) == clean
            && JsonSerializer.Deserialize<string>(json) == clean
            && (string?)((JsonList)map[clean]!)[0] == clean
            && map[clean]!.ToString() == $"[{json}]";
    }

    [Property]
    public bool Any_decimal_keeps_its_digits(decimal number)
    {
        string raw = number.ToString(CultureInfo.InvariantCulture);
        return Convert.ToString(JsonValue.Parse(raw), CultureInfo.InvariantCulture) == (raw == "-0" ? "0" : raw);
    }

    [Property]
    public bool Any_text_is_json_here_where_it_is_json_elsewhere(string? text)
    {
        string candidate = "[" + Whole(text) + "]";
        bool elsewhere = true;
        try
        {
            JsonDocument.Parse(candidate).Dispose();
        }
        catch (JsonException)
        {
            elsewhere = false;
        }

        return JsonText.IsValid(candidate, out _) == elsewhere;
    }

    private static string Whole(string? text) => new((text ?? "").Where(c => !char.IsSurrogate(c)).ToArray());
}
