using LeoPS.Changes;

namespace LeoPS.Units.Changes;

/// <summary>An input of a bulk change; its number gives its id.</summary>
internal sealed record FakeChange(Guid Id, object? Source) : IRowChange<Guid>
{
    public RowGuard? Guard => null;

    public static FakeChange Of(int number) => new(IdOf(number), number);

    public static Guid IdOf(int number) => new(number, 0, 0, new byte[8]);
}
