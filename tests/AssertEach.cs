namespace LeoPS.Tests;

/// <summary>Checks each element of a list that must not be empty: a check of no element at all would pass whatever the code does.</summary>
internal static class AssertEach
{
    /// <summary>Applies an assertion to every element. Fails for a list without any.</summary>
    public static void Of<T>(IEnumerable<T> items, Action<T> assertion)
    {
        List<T> list = [.. items];
        Assert.NotEmpty(list);
#pragma warning disable RS0030 // The only place that may.
        Assert.All(list, assertion);
#pragma warning restore RS0030
    }
}
