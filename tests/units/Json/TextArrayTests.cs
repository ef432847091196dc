namespace LeoPS.Units.Json;

public sealed class TextArrayTests
{
    [Fact]
    public void ToString_is_readable_json()
    {
        var array = new TextArray(["a", null, "", "say \"hi\" <b>&'", "back\\slash", "😀\t\n\r\u0001é", "half" + (char)0xd800]);

        Assert.Equal("""["a",null,"","say \"hi\" <b>&'","back\\slash","😀\t\n\r\u0001é","half\ud800"]""", array.ToString());
        Assert.Equal(7, array.Count);
        Assert.Throws<NotSupportedException>(() => ((IList<string?>)array).Add("b"));
    }

    [Fact]
    public void An_empty_one_is_an_empty_array() => Assert.Equal("[]", new TextArray([]).ToString());

    [Property]
    public bool Elements_come_back(string?[]? items)
    {
        string?[] whole = (items ?? []).Select(item => item is null ? null : new string(item.Where(c => !char.IsSurrogate(c)).ToArray())).ToArray();
        var list = (JsonList)JsonValue.Parse(new TextArray(whole).ToString())!;
        return list.SequenceEqual(whole.Cast<object?>());
    }
}
