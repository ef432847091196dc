using System.Collections;
using System.Collections.Specialized;
using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using System.Security;
using System.Text.Json;
using System.Xml;
using Newtonsoft.Json.Linq;

namespace LeoPS.Units.Json;

public sealed class JsonBuilderRefusalTests
{
    private const string Half = "\ud83d";

    public static TheoryData<string> Texts => new(
        "hello", "", " ", "{'a':1}", "[1,]", "// c\n1", "NaN", "01", "{\"a\":1}{", "\"\\u0000\"", "{\"a\\u0000\":1}", "\"\\ud83d\"", "\"a\0b\"");

    public static TheoryData<object, string> Live { get; } = new()
    {
        { new object(), "System.Object" },
        { new FileInfo("x"), "System.IO.FileInfo" },
        { new MemoryStream(), "System.IO.MemoryStream" },
        { new Func<int>(() => 1), "System.Func`1[System.Int32]" },
        { new Memory<byte>([1]), "System.Memory<Byte>[1]" },
        { new XmlDocument(), "System.Xml.XmlDocument" },
        { new FakeToken(), "Newtonsoft.Json.Linq.FakeToken" },
        { new DictionaryEntry("a", 1), "System.Collections.DictionaryEntry" },
        { new Hashtable().GetEnumerator(), "System.Collections.Hashtable+HashtableEnumerator" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_text_that_is_not_json_or_not_storable_is_refused(string text)
        => Assert.StartsWith("-InputState ", Refused(text), StringComparison.Ordinal);

    [Fact]
    public void A_plain_string_is_told_how_to_become_json()
        => Assert.Equal(
            "-InputState is not valid JSON at line 1, byte 1: 'h' is an invalid start of a value. Text is read as JSON here; a plain string needs double quotes of its own.",
            Refused("hello"));

    [Theory]
    [MemberData(nameof(Live))]
    public void What_has_no_json_form_is_refused_with_its_path_and_type(object value, string type)
    {
        string inside = Refused(new Hashtable { ["steps"] = new object?[] { 1, null, new FakeObject().With("process", () => value) } });

        Assert.StartsWith("-InputState.steps[2].process is a ", inside, StringComparison.Ordinal);
        Assert.StartsWith("-InputState is a ", Refused(value), StringComparison.Ordinal);
        Assert.Contains(value is Memory<byte> ? value.GetType().ToString() : type, inside, StringComparison.Ordinal);
        Assert.Contains("Select-Object Name, Id", inside, StringComparison.Ordinal);
    }

    [Fact]
    public void A_live_process_and_a_type_are_refused()
    {
        using var process = Process.GetCurrentProcess();

        Assert.Contains("is a System.Diagnostics.Process", Refused(new[] { process }), StringComparison.Ordinal);
        Assert.Contains("which has no JSON form", Refused(typeof(int)), StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_are_not_stored()
    {
        using var secret = new SecureString();

        Assert.StartsWith("-InputState.key is a System.Security.SecureString: secrets are not stored.", Refused(new Hashtable { ["key"] = secret }), StringComparison.Ordinal);
        string message = Refused(new[] { new NetworkCredential("somebody", "hush") });
        Assert.StartsWith("-InputState[0] is a System.Net.NetworkCredential: secrets are not stored.", message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.NegativeInfinity, "-Infinity")]
    public void What_is_no_number_is_refused(double number, string name)
    {
        Assert.StartsWith($"-InputState is {name}, for which", Refused(number), StringComparison.Ordinal);
        Assert.StartsWith($"-InputState[1] is {name}, for which", Refused(new object[] { 1, (float)number }), StringComparison.Ordinal);
        Assert.StartsWith($"-InputState.h is {name}, for which", Refused(new Hashtable { ["h"] = (System.Half)number }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_circle_is_told_with_both_its_ends()
    {
        var step = new FakeObject();
        var map = new Hashtable { ["run"] = new object[] { 0, step } };
        step.With("parent", () => new StrongBox<object?>(map));
        var list = new ArrayList();
        list.Add(new[] { list });
        var self = new FakeObject();
        self.With("me", () => self);

        Assert.StartsWith("-InputState.run[1].parent is the same object as -InputState, which contains it", Refused(map), StringComparison.Ordinal);
        Assert.StartsWith("-InputState.x[0][0] is the same object as -InputState.x, which contains it", Refused(new Hashtable { ["x"] = list }), StringComparison.Ordinal);
        Assert.StartsWith("-InputState.me is the same object as -InputState", Refused(self), StringComparison.Ordinal);
    }

    [Fact]
    public void An_object_that_always_makes_new_objects_comes_to_an_end_and_its_path_stays_readable()
    {
        static FakeObject Next() => new FakeObject().With("next", Next);

        string message = Refused(Next());
        Assert.StartsWith("-InputState.next.next.next", message, StringComparison.Ordinal);
        Assert.Contains("….next", message, StringComparison.Ordinal);
        Assert.Contains("nested deeper than 512 levels", message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 1, 300);
    }

    [Fact]
    public void A_sequence_without_an_end_is_stopped()
    {
        int taken = 0;
        IEnumerable<string> Endless()
        {
            while (true)
            {
                taken++;
                yield return "ab";
            }
        }

        var builder = new JsonBuilder(new FakeShape(), "-InputState", limit: 1000);
        string message = Assert.Throws<LeoException>(() => builder.Build(new Hashtable { ["log"] = Endless() })).Message;
        Assert.StartsWith("-InputState is more than 1,000 characters of JSON at -InputState.log[", message, StringComparison.Ordinal);
        Assert.InRange(taken, 190, 210);
    }

    [Fact]
    public void The_limit_holds_for_every_way_to_be_long()
    {
        var builder = new JsonBuilder(new FakeShape(), "-InputState", limit: 10);
        string nine = new('1', 9);

        Assert.Equal("1234567890", builder.Build("1234567890"));
        Assert.Equal("[1234567890]"[1..^1], builder.Build(1234567890));
        Assert.Equal("\"12345678\"", builder.Build(JsonValue.Parse("[\"12345678\"]") is JsonList list ? JsonDocument.Parse($"\"{list[0]}\"") : null));
        AssertEach.Of(
            new object[] { "12345678901", 12345678901, new[] { nine }, new Hashtable { [nine] = 1 }, JsonValue.Parse("[1,2,3,4,5]")!, new object[] { JsonValue.Parse("[1,2,3,4]")! } },
            value => Assert.Contains("is more than 10 characters of JSON", Assert.Throws<LeoException>(() => builder.Build(value)).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void What_throws_while_it_is_read_is_told_with_its_path()
    {
        static IEnumerable<int> Broken()
        {
            yield return 1;
            throw new InvalidOperationException("The file is gone.");
        }

        Assert.Equal("-InputState.lines[1] could not be read: The file is gone.", Refused(new Hashtable { ["lines"] = Broken() }));
        Assert.Equal(
            "-InputState[0].Size could not be read: inner",
            Refused(new[] { new FakeObject().With("Name", () => "x").With("Size", () => throw new InvalidOperationException("outer", new FormatException("inner"))) }));
        Assert.Equal("-InputState.a could not be read: of ours", Refused(new FakeObject().With("a", () => throw new LeoException(LeoErrorId.UnreadableRow, "of ours"))));
        Assert.StartsWith("-InputState.e could not be read: ", Refused(new Hashtable { ["e"] = default(JsonElement) }), StringComparison.Ordinal);
        var changing = new ArrayList { 1, 2 };
        changing.Insert(0, new FakeObject().With("x", () => changing.Add(3)));
        Assert.StartsWith("-InputState[1] could not be read: Collection was modified", Refused(changing), StringComparison.Ordinal);
    }

    [Fact]
    public void What_ends_the_call_passes()
    {
        Assert.Throws<TimeoutException>(() => Build(new FakeObject().With("a", () => throw new TimeoutException())));
        Assert.Throws<OperationCanceledException>(() => Build(new FakeObject().With("a", () => throw new OperationCanceledException())));
    }

    [Fact]
    public void Characters_that_jsonb_cannot_hold_are_refused_in_values_and_keys()
    {
        Assert.StartsWith("-InputState.a holds the character U+0000 at character 2", Refused(new Hashtable { ["a"] = "x\0" }), StringComparison.Ordinal);
        Assert.StartsWith("-InputState[0] holds half of a surrogate pair at character 4", Refused(new[] { "😀x" + Half + "y" }), StringComparison.Ordinal);
        Assert.StartsWith("-InputState[0] holds half of a surrogate pair at character 1", Refused(new[] { Half[0] }), StringComparison.Ordinal);
        Assert.StartsWith("-InputState holds the character U+0000", Refused('\0'), StringComparison.Ordinal);
        Assert.StartsWith("The key -InputState.b['x\ufffd'] holds the character U+0000", Refused(new Hashtable { ["b"] = new Hashtable { ["x\0"] = 1 } }), StringComparison.Ordinal);
        Assert.StartsWith("The key -InputState['\ufffd'] holds half", Refused(new FakeObject().With(Half, () => 1)), StringComparison.Ordinal);
        Assert.StartsWith("-InputState[0] holds the character U+0000 at line 2, byte 2", Refused(new[] { JsonValue.Parse("[\n\"\\u0000\"]") }), StringComparison.Ordinal);
        Assert.StartsWith("-InputState[0] holds half", Refused(new[] { new TextArray([Half]) }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_json_value_that_was_read_more_leniently_than_the_server_reads_is_refused()
    {
        using var document = JsonDocument.Parse("[1,]", new JsonDocumentOptions { AllowTrailingCommas = true });

        Assert.StartsWith("-InputState.d is not valid JSON", Refused(new Hashtable { ["d"] = document }), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_keys_with_the_same_text_are_refused_in_either_order()
    {
        Assert.StartsWith("-InputState.m has two keys that are the same text, \"1\"", Refused(new Hashtable { ["m"] = new OrderedDictionary { [(object)1] = "a", ["1"] = "b" } }), StringComparison.Ordinal);
        Assert.StartsWith("-InputState has two keys", Refused(new OrderedDictionary { ["1"] = "b", [(object)1] = "a" }), StringComparison.Ordinal);
        Assert.StartsWith("-InputState has two keys", Refused(new OrderedDictionary { [(object)1] = "b", [(object)1L] = "a" }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a_1", ".a_1")]
    [InlineData("Größe", ".Größe")]
    [InlineData("1", "['1']")]
    [InlineData("", "['']")]
    [InlineData("it's a.b", "['it''s a.b']")]
    [InlineData("a\nb", "['a\ufffdb']")]
    public void Keys_are_shown_as_one_would_write_them(string key, string shown)
        => Assert.StartsWith($"-InputState{shown}[0] is a System.Object", Refused(new Hashtable { [key] = new[] { new object() } }), StringComparison.Ordinal);

    [Fact]
    public void A_long_key_is_cut_in_messages()
        => Assert.InRange(Refused(new Hashtable { [new string('k', 5000)] = new object() }).Length, 1, 250);

    private static string? Build(object? value) => new JsonBuilder(new FakeShape(), "-InputState").Build(value);

    private static string Refused(object value)
    {
        LeoException error = Assert.Throws<LeoException>(() => Build(value));
        Assert.Equal(LeoErrorId.InvalidJson, error.ErrorId);
        return error.Message;
    }
}
