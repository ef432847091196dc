using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.Reading;
using LeoPS.Text;

namespace LeoPS.Binding;

/// <summary>Runs named by their execution keys.</summary>
internal static class ExecutionKeys
{
    /// <summary>Looks whole keys up, all at once: an identity for each, in the order given, which carries why it names no run where it names none.</summary>
    /// <param name="keys">The keys as given.</param>
    /// <param name="database">Where they are looked up.</param>
    /// <param name="context">What the statement carries along.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<IReadOnlyList<ExecutionIdentity>> ResolveAsync(string[] keys, ILeoDatabase database, CallContext context, CancellationToken cancellationToken)
    {
        var ids = new Dictionary<string, Guid>(StringComparer.Ordinal);
        string[] whole = [.. keys.Where(k => !Wildcard.IsPattern(k) && StoredText.IsStorable(k))];
        var query = new ExecutionQuery { Filter = new ExecutionFilter { ExecutionKeys = whole } };
        await foreach (IReadOnlyList<ReadItem<FlowExecution>> chunk in database.Executions.ReadAsync(query, context, cancellationToken).ConfigureAwait(false))
        {
            foreach (ReadItem<FlowExecution> item in chunk)
            {
                ids[item.Row.ExecutionKey] = item.Row.Id;
            }
        }

        return Array.ConvertAll(keys, key =>
            Wildcard.IsPattern(key) ? new ExecutionIdentity(
                new LeoException(LeoErrorId.InvalidIdentity, $"'{key}' is a pattern, and {context.Caller} takes whole keys. Pipe the runs in: Get-FlowExecution -ExecutionKey '{key}' | {context.Caller}."), key)
            : ids.TryGetValue(Wildcard.Unescape(key), out Guid id) ? new ExecutionIdentity(id, null, null, key)
            : new ExecutionIdentity(LeoErrors.NotFound(ExecutionTransitions.Table.Noun, key, database.Server.Role), key));
    }
}
