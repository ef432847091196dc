using LeoPS.Directives;

namespace LeoPS.Units.Directives;

public sealed class NewDirectiveTests
{
    private static readonly NewDirective _plain = new() { SdKey = "SD-1", Title = "A title" };

    [Fact]
    public void What_nobody_gave_has_a_default_and_is_told_as_one()
    {
        NewDirective made = _plain.Check();
        Assert.Equal(
            "id=SD-1 sd_key=SD-1 title=A title status=draft? category=general? priority=medium? description=? rationale=? scope=?",
            string.Join(' ', made.Columns.Select(c => $"{c.Name}={c.Value}{(c.IsDefault ? "?" : "")}")));
    }

    [Fact]
    public void What_was_given_is_kept_an_empty_text_too()
    {
        NewDirective made = (_plain with { Status = "active", Category = "c", Priority = "p", Description = "", Rationale = "r", Scope = "s", Id = "own" }).Check();
        Assert.Equal(["own", "SD-1", "A title", "active", "c", "p", "", "r", "s"], made.Columns.Select(c => c.Value));
        Assert.DoesNotContain(made.Columns, c => c.IsDefault);
    }

    [Fact]
    public void The_key_is_the_id_as_long_as_the_column_holds_it()
    {
        // As the server counts: an emoji is one character.
        string fifty = string.Concat(Enumerable.Repeat("🎉", 50));
        Assert.Equal(fifty, (_plain with { SdKey = fifty }).Check().Id);
        Assert.True(Guid.TryParse((_plain with { SdKey = fifty + "x" }).Check().Id, out Guid id));
        Assert.NotEqual(Guid.Empty, id);
    }

    [Fact]
    public void Blanks_around_id_and_key_do_not_count()
    {
        NewDirective made = (_plain with { SdKey = " SD-1\t", Id = " own " }).Check();
        Assert.Equal(("SD-1", "own"), (made.SdKey, made.Id));
    }

    [Theory]
    [InlineData(50, 51, "Id")]
    [InlineData(500, 501, "SdKey")]
    [InlineData(500, 501, "Title")]
    [InlineData(50, 51, "Status")]
    [InlineData(50, 51, "Category")]
    [InlineData(20, 21, "Priority")]
    public void A_text_that_its_column_does_not_hold_is_refused_before_the_server_is_asked(int fits, int tooLong, string column)
    {
        Assert.NotNull(With(column, new string('x', fits)).Check());
        Refused(With(column, new string('x', tooLong)), $"-{column}", $"{tooLong}", $"{fits}");
    }

    [Theory]
    [InlineData("Id", " ")]
    [InlineData("SdKey", "")]
    [InlineData("SdKey", " \t")]
    [InlineData("Title", "")]
    [InlineData("Title", "  ")]
    [InlineData("Status", "")]
    [InlineData("Priority", " ")]
    [InlineData("Title", "a\0b")]
    [InlineData("Description", "a\0b")]
    [InlineData("Scope", "\0")]
    public void What_no_column_takes_is_refused_by_its_name(string column, string text) => Refused(With(column, text), $"-{column}");

    [Fact]
    public void Half_of_a_character_is_refused_too()
    {
        Refused(With("Rationale", "\ud83c"), "-Rationale");
        Refused(With("SdKey", "\udf89"), "-SdKey");
    }

    private static NewDirective With(string column, string text) => column switch
    {
        "Id" => _plain with { Id = text },
        "SdKey" => _plain with { SdKey = text },
        "Title" => _plain with { Title = text },
        "Status" => _plain with { Status = text },
        "Category" => _plain with { Category = text },
        "Priority" => _plain with { Priority = text },
        "Description" => _plain with { Description = text },
        "Rationale" => _plain with { Rationale = text },
        _ => _plain with { Scope = text },
    };

    private static void Refused(NewDirective directive, params string[] says)
    {
        LeoException error = Assert.Throws<LeoException>(directive.Check);
        Assert.Equal(LeoErrorId.ValueOutOfRange, error.ErrorId);
        AssertEach.Of(says, s => Assert.Contains(s, error.Message, StringComparison.Ordinal));
    }
}
