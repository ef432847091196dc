using System.Collections;
using System.Collections.Specialized;
using System.Dynamic;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LeoPS.Units.Json;

public sealed class JsonBuilderTests
{
    public static TheoryData<object, string> Scalars { get; } = new()
    {
        { true, "true" },
        { (sbyte)-1, "-1" },
        { (byte)255, "255" },
        { (short)-2, "-2" },
        { (ushort)2, "2" },
        { int.MinValue, "-2147483648" },
        { uint.MaxValue, "4294967295" },
        { long.MinValue, "-9223372036854775808" },
        { ulong.MaxValue, "18446744073709551615" },
        { (nint)(-3), "-3" },
        { (nuint)3, "3" },
        { Int128.MinValue, "-170141183460469231731687303715884105728" },
        { UInt128.MaxValue, "340282366920938463463374607431768211455" },
        { BigInteger.Pow(10, 60), "1" + new string('0', 60) },
        { 1.10m, "1.10" },
        { -1.000m, "-1.000" },
        { decimal.MaxValue, "79228162514264337593543950335" },
        { 0.1, "0.1" },
        { 0.1 + 0.2, "0.30000000000000004" },
        { double.MaxValue, "1.7976931348623157E+308" },
        { double.Epsilon, "5E-324" },
        { 1.1f, "1.1" },
        { (Half)0.1, "0.1" },
        { '"', "\"\\\"\"" },
        { Guid.Parse("01234567-89ab-CDEF-0123-456789abcdef"), "\"01234567-89ab-cdef-0123-456789abcdef\"" },
        { new DateTime(2024, 2, 29, 23, 59, 58, DateTimeKind.Utc).AddTicks(1234567), "\"2024-02-29T23:59:58.1234567Z\"" },
        { new DateTime(2024, 2, 29, 1, 2, 3, DateTimeKind.Unspecified), "\"2024-02-29T01:02:03.0000000\"" },
        { new DateTimeOffset(2024, 2, 29, 1, 2, 3, TimeSpan.FromHours(-5.5)), "\"2024-02-29T01:02:03.0000000-05:30\"" },
        { new DateOnly(2024, 2, 29), "\"2024-02-29\"" },
        { new TimeOnly(1, 2, 3), "\"01:02:03.0000000\"" },
        { new TimeSpan(-1, 2, 3, 4, 5), "\"-21:56:55.9950000\"" },
        { new Uri("HTTPS://Example.org/a b?c=\"d\""), "\"HTTPS://Example.org/a b?c=\\\"d\\\"\"" },
        { new Version(1, 2, 3, 4), "\"1.2.3.4\"" },
        { DayOfWeek.Friday, "\"Friday\"" },
        { FileAccess.ReadWrite, "\"ReadWrite\"" },
        { (DayOfWeek)99, "\"99\"" },
        { "say \"hi\"\\\n\u0001é😀</script>", "\"say \\\"hi\\\"\\\\\\n\\u0001é😀</script>\"" },
        { "null", "\"null\"" },
        { "{\"a\":1}", "\"{\\\"a\\\":1}\"" },
        { DBNull.Value, "null" },
    };

    [Theory]
    [MemberData(nameof(Scalars))]
    public void A_scalar_loses_nothing_whatever_the_culture(object value, string json)
    {
        Assert.Equal($"[{json}]", BuildElsewhere(new[] { value }));
        Assert.Equal($"[{json}]", BuildElsewhere(new object?[] { new StrongBox<object?>(value) }));
        if (value is not (string or DBNull))
        {
            Assert.Equal(json, BuildElsewhere(value));
        }
    }

    [Fact]
    public void Null_is_sql_null_and_its_text_is_json_null()
    {
        Assert.Null(Build(null));
        Assert.Null(Build(DBNull.Value));
        Assert.Null(Build(new StrongBox<object?>(null)));
        Assert.Equal("null", Build("null"));
        Assert.Equal("null", Build(JsonDocument.Parse("null")));
        Assert.Equal("[null,null]", Build(new object?[] { null, new StrongBox<object?>(null) }));
    }

    [Theory]
    [InlineData(" {\"n\": 1e400, \"d\":1.10,\"d\":12345678901234567890 }\r\n")]
    [InlineData("\"\\\\u0000 is a backslash and text, \\ud83d\\ude00 \\/\"")]
    [InlineData("-0")]
    public void A_text_at_the_top_is_json_and_stays_the_very_same(string text)
    {
        Assert.Same(text, Build(text));
        Assert.Same(text, Build(new StrongBox<object?>(text)));
    }

    [Fact]
    public void Json_values_keep_their_text_at_the_top_and_inside_objects()
    {
        const string raw = """{"b": 1.10, "a": [1e400, "é"]}""";
        using var document = JsonDocument.Parse(raw);
        object map = JsonValue.Parse(raw)!;

        AssertEach.Of(new[] { map, document, document.RootElement }, value =>
        {
            Assert.Equal(raw, Build(value));
            Assert.Equal($"[{raw},{{\"k\":{raw}}}]", Build(new object[] { value, new Hashtable { ["k"] = value } }));
        });
        Assert.Equal("[[1e400, \"é\"]]", Build(new[] { ((JsonMap)map)["a"] }));
        Assert.Equal("[[\"x\",null]]", Build(new[] { new TextArray(["x", null]) }));
        Assert.Equal("[{\"n\":1.10,\"l\":[null]}]", Build(new[] { JsonNode.Parse("""{ "n": 1.10, "l": [null] }""") }));
    }

    [Fact]
    public void Dictionaries_keep_their_order_and_make_texts_of_their_keys()
    {
        var map = new OrderedDictionary { ["z"] = 1, [1.5] = "x", [DayOfWeek.Monday] = null, [new StrongBox<object?>("boxed")] = new SortedList { [-2] = true }, [""] = 'c' };

        Assert.Equal("""{"z":1,"1.5":"x","Monday":null,"boxed":{"-2":true},"":"c"}""", BuildElsewhere(map));
    }

    [Fact]
    public void A_dictionary_that_is_generic_only_is_an_object()
    {
        dynamic value = new ExpandoObject();
        value.b = 1;
        value.a = new ExpandoObject();

        Assert.Equal("""{"b":1,"a":{}}""", Build((object)value));
    }

    [Fact]
    public void Sequences_are_arrays_also_where_they_are_lazy_or_empty()
        => Assert.Equal("[[],[2,3],[0,255],[[\"a\"]]]", Build(new object[] { Array.Empty<int>(), Enumerable.Range(2, 2).Where(n => n > 0), new byte[] { 0, 255 }, new ArrayList { new Queue(new[] { "a" }) } }));

    [Fact]
    public void Members_that_the_host_knows_make_an_object()
        => Assert.Equal(
            """{"Name":"x","In ner":{"n":[1]},"None":null}""",
            Build(new FakeObject().With("Name", () => "x").With("In ner", () => new StrongBox<object?>(new FakeObject().With("n", () => new[] { 1 }))).With("None", () => null)));

    [Fact]
    public void The_same_object_may_stand_in_two_places_that_are_not_inside_each_other()
    {
        var shared = new Hashtable { ["a"] = 1 };

        Assert.Equal("""[{"a":1},{"a":1},[{"a":1}]]""", Build(new object[] { shared, shared, new[] { shared } }));
    }

    [Fact]
    public void One_builder_serves_many_values_and_forgets_those_that_failed()
    {
        var builder = new JsonBuilder(new FakeShape(), "-InputState");
        var large = new Hashtable { ["a"] = new string('x', 200_000) };

        Assert.Throws<LeoException>(() => builder.Build(new object[] { 1, new object[] { 2, new object() } }));
        Assert.Equal("[3]", builder.Build(new[] { 3 }));
        Assert.Equal(200_008, builder.Build(large)!.Length);
        Assert.Equal("{}", builder.Build(new Hashtable()));
        Assert.StartsWith("-InputState[1] is a System.Object, which", Assert.Throws<LeoException>(() => builder.Build(new object[] { 1, new object() })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void As_deep_as_json_is_read_is_allowed_and_one_level_more_is_not()
    {
        Assert.NotNull(JsonValue.Parse(Build(Nest(JsonValue.MaxDepth, 1))!));
        Assert.NotNull(JsonValue.Parse(Build(Nest(JsonValue.MaxDepth - 1, JsonValue.Parse("[1]")))!));
        Assert.Contains("nested deeper than 512 levels", Assert.Throws<LeoException>(() => Build(Nest(JsonValue.MaxDepth + 1, 1))).Message, StringComparison.Ordinal);
        Assert.Contains("nested deeper than 512 levels", Assert.Throws<LeoException>(() => Build(Nest(JsonValue.MaxDepth, JsonValue.Parse("[1]")))).Message, StringComparison.Ordinal);
    }

    private static object Nest(int levels, object? core) => Enumerable.Range(0, levels).Aggregate(core, (inner, level) => level % 2 == 0 ? new[] { inner } : new Hashtable { ["k"] = inner })!;

    private static string? Build(object? value) => new JsonBuilder(new FakeShape(), "-InputState").Build(value);

    /// <summary>Builds where numbers and dates are written as JSON does not.</summary>
    private static string? BuildElsewhere(object? value)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NegativeSign = "~";
        culture.DateTimeFormat.DateSeparator = ".";
        culture.DateTimeFormat.TimeSeparator = ".";
        try
        {
            CultureInfo.CurrentCulture = culture;
            return Build(value);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
