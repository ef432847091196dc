using System.Collections.Specialized;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using FsCheck;
using FsCheck.Fluent;

namespace LeoPS.Units.Json;

/// <summary>What scripts put together: nested dictionaries, lists and objects, wrapped or not, of strings and numbers of all kinds.</summary>
internal static class AnyValue
{
    private static readonly Gen<string> Texts = ArbMap.Default.GeneratorFor<char>()
        .Where(c => c != '\0' && !char.IsSurrogate(c))
        .Select(c => c.ToString())
        .Or(Gen.Elements("😀", "\\", "\"", "\\u0000", "\u2028", "{", "\n"))
        .ListOf()
        .Select(string.Concat);

    private static readonly Gen<object?> Scalars = Gen.OneOf(
        Texts.Select(text => (object?)text),
        Gen.Elements<object?>(null, true, false),
        ArbMap.Default.GeneratorFor<int>().Select(number => (object?)number),
        ArbMap.Default.GeneratorFor<long>().Select(number => (object?)number),
        ArbMap.Default.GeneratorFor<decimal>().Select(number => (object?)number),
        ArbMap.Default.GeneratorFor<BigInteger>().Select(number => (object?)(number * number * number)),
        ArbMap.Default.GeneratorFor<double>().Where(double.IsFinite).Select(number => (object?)number));

    public static Arbitrary<object?> Arbitrary { get; } = Gen.Sized(size => Nested(Math.Min(size, 40))).ToArbitrary();

    /// <summary>Whether what was read is what was written, element by element.</summary>
    public static bool IsSame(object? written, object? read) => written switch
    {
        StrongBox<object?> box => IsSame(box.Value, read),
        FakeObject value => read is JsonMap map && value.Members.Select(member => member.Name).SequenceEqual(map.Keys.Cast<string>())
            && value.Members.All(member => IsSame(member.Read(), map[member.Name])),
        OrderedDictionary value => read is JsonMap map && value.Keys.Cast<string>().SequenceEqual(map.Keys.Cast<string>())
            && map.Keys.Cast<string>().All(key => IsSame(value[key], map[key])),
        List<object?> value => read is JsonList list && value.Count == list.Count && value.Zip(list).All(pair => IsSame(pair.First, pair.Second)),
        double number => read is not string && number.Equals(double.Parse(Convert.ToString(read, CultureInfo.InvariantCulture)!, CultureInfo.InvariantCulture)),
        decimal number => Equals(number, read is long integer ? integer : read),
        BigInteger number => read switch
        {
            long integer => integer == number,
            decimal integral => new BigInteger(integral) == number,
            _ => Equals(number, read),
        },
        int number => Equals((long)number, read),
        _ => Equals(written, read),
    };

    private static Gen<object?> Nested(int size)
    {
        if (size == 0)
        {
            return Scalars;
        }

        Gen<object?> inner = Nested(size / 3);
        return Gen.OneOf(
            Scalars,
            inner.Select(value => (object?)new StrongBox<object?>(value)),
            inner.ListOf().Select(values => (object?)values.Take(4).ToList()),
            Members(inner).Select(members => members.Aggregate(new OrderedDictionary(), (map, member) =>
            {
                map[member.Key] = member.Value;
                return map;
            })).Select(map => (object?)map),
            Members(inner).Select(members => (object?)members.Aggregate(new FakeObject(), (value, member) => value.With(member.Key, () => member.Value))));
    }

    private static Gen<IEnumerable<KeyValuePair<string, object?>>> Members(Gen<object?> inner)
        => Texts.Zip(inner, KeyValuePair.Create).ListOf().Select(members => members.DistinctBy(member => member.Key).Take(4));
}
