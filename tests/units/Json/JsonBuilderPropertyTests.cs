using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace LeoPS.Units.Json;

public sealed class JsonBuilderPropertyTests
{
    [Property(MaxTest = 500)]
    public Property What_is_built_reads_as_what_was_given()
        => Prop.ForAll(AnyValue.Arbitrary, value => Inside(value) is [var read] && AnyValue.IsSame(value, read));

    [Property]
    public Property What_was_read_is_built_to_the_letter()
        => Prop.ForAll(AnyValue.Arbitrary, value =>
        {
            string raw = $"[ \n{Build(new[] { value })}\t,1.10 ]";
            using var document = JsonDocument.Parse(raw);
            return Build(JsonValue.Parse(raw)) == raw
                && Build(raw) == raw
                && Build(new object[] { JsonValue.Parse(raw)!, document }) == $"[{raw},{raw}]";
        });

    [Property(MaxTest = 1000)]
    public Property Any_characters_come_back_or_are_refused_where_there_is_no_way_to_store_them()
        => Prop.ForAll(
            Gen.OneOf(ArbMap.Default.GeneratorFor<char>(), Gen.Elements('\0', '\ud83d', '\ude00', 'a')).ArrayOf().Select(chars => new string(chars.Take(8).ToArray())).ToArbitrary(),
            text =>
            {
                bool isStorable = !text.Contains('\0', StringComparison.Ordinal) && IsWhole(text);
                try
                {
                    var read = (JsonMap)JsonValue.Parse(Build(new Dictionary<string, string> { [text] = text })!)!;
                    return isStorable && (string?)read[text] == text && read.Keys.Cast<string>().Single() == text;
                }
                catch (LeoException)
                {
                    return !isStorable;
                }
            });

    private static bool IsWhole(string text)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetByteCount(text) >= 0;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    private static JsonList Inside(object? value) => (JsonList)JsonValue.Parse(Build(new[] { value })!)!;

    private static string? Build(object? value) => new JsonBuilder(new FakeShape(), "-InputState").Build(value);
}
