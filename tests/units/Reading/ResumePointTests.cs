using LeoPS.Reading;
using LeoPS.Units.Handoffs;

namespace LeoPS.Units.Reading;

public sealed class ResumePointTests
{
    public static TheoryData<HandoffOrder, object?> Keys => new()
    {
        { HandoffOrder.Id, SampleHandoff.Full().Id },
        { HandoffOrder.PreparedAt, SampleHandoff.At },
        { HandoffOrder.SentAt, SampleHandoff.At.AddDays(1) },
        { HandoffOrder.ResponseAt, SampleHandoff.At.AddDays(2) },
        { HandoffOrder.CreatedAt, SampleHandoff.At.AddDays(-1) },
        { HandoffOrder.UpdatedAt, SampleHandoff.At.AddDays(3) },
        { HandoffOrder.SdId, "9f5b8c1e" },
        { HandoffOrder.Status, "sent" },
    };

    [Fact]
    public void Every_order_is_listed() => Assert.Equal(Enum.GetValues<HandoffOrder>(), Keys.Select(row => (HandoffOrder)row[0]!));

    [Theory]
    [MemberData(nameof(Keys))]
    public void An_object_knows_its_place_in_every_order(HandoffOrder order, object? key)
    {
        HandoffPreparation row = SampleHandoff.Full();

        Assert.Equal(new ResumePoint(row.Id, KeyKnown: true, key), ResumePoint.After(row, order));
    }

    [Theory]
    [InlineData(HandoffOrder.PreparedAt)]
    [InlineData(HandoffOrder.SentAt)]
    public void A_null_is_a_known_key_too(HandoffOrder order) =>
        Assert.Equal(new ResumePoint(SampleHandoff.Bare().Id, KeyKnown: true, null), ResumePoint.After(SampleHandoff.Bare(), order));

    [Fact]
    public void An_id_alone_does_not_know_its_key()
    {
        var id = Guid.NewGuid();

        Assert.Equal(new ResumePoint(id, KeyKnown: false, null), ResumePoint.After(id));
    }

    [Fact]
    public void An_order_that_does_not_exist_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ResumePoint.After(SampleHandoff.Full(), (HandoffOrder)99));
}
