namespace LeoPS.Binding;

/// <summary>What is done with identities, one after the other.</summary>
internal static class Identities
{
    /// <summary>Takes what names a row, and rejects what names none, each in its place.</summary>
    public static void ForEach<TIdentity>(this IEnumerable<TIdentity> identities, Action<TIdentity> take, Action<object?, LeoException> reject)
        where TIdentity : IIdentity
    {
        foreach (TIdentity identity in identities)
        {
            if (identity.Error is { } error)
            {
                reject(identity.Source, error);
            }
            else
            {
                take(identity);
            }
        }
    }
}
