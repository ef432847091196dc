using System.Runtime.CompilerServices;
using LeoPS.Ports;

namespace LeoPS.Postgres.Statements;

/// <summary>What each call looks up once, however many batches ask at the same time. A look that failed or was cancelled is not kept.</summary>
internal sealed class CallCache<T>
{
    // Lazy: two batches that ask at once share one look.
    private readonly ConditionalWeakTable<object, Lazy<Task<T>>> _ofCall = [];

    /// <summary>What the call has looked up, or else looks up now.</summary>
    public Task<T> GetAsync(CallContext context, Func<Task<T>> lookUp)
    {
        Lazy<Task<T>> known = _ofCall.GetValue(context.Call, _ => new Lazy<Task<T>>(lookUp));
        if (known is { IsValueCreated: true, Value: { IsCompleted: true, IsCompletedSuccessfully: false } })
        {
            _ofCall.Remove(context.Call);
            known = _ofCall.GetValue(context.Call, _ => new Lazy<Task<T>>(lookUp));
        }

        return known.Value;
    }
}
