using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.Reading;
using LeoPS.Text;

namespace LeoPS.Binding;

/// <summary>The three ways to name runs, each a parameter set of its own. What names none carries why, and keeps its place.</summary>
internal static class RunNames
{
    /// <summary>By objects, ids or rows from the pipe.</summary>
    public const string InputSet = "InputObject";

    /// <summary>By ids.</summary>
    public const string IdSet = "Id";

    /// <summary>By whole execution keys.</summary>
    public const string KeySet = "ExecutionKey";

    /// <summary>What came through the pipe; none where another set names them.</summary>
    /// <param name="set">The set of the call.</param>
    /// <param name="input">-InputObject.</param>
    public static ExecutionIdentity[] Piped(string set, ExecutionIdentity[]? input) => set == InputSet ? input ?? [ExecutionIdentity.Nothing] : [];

    /// <summary>What -Id or -ExecutionKey names; none where another set names them.</summary>
    /// <param name="set">The set of the call.</param>
    /// <param name="ids">-Id.</param>
    /// <param name="keys">-ExecutionKey.</param>
    /// <param name="database">Where keys are looked up.</param>
    /// <param name="context">What the statement carries along.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<IReadOnlyList<ExecutionIdentity>> FindAsync(
        string set, Guid[] ids, string[] keys, ILeoDatabase database, CallContext context, CancellationToken cancellationToken) => set switch
        {
            IdSet => Array.ConvertAll(ids, ExecutionIdentity.Of),
            KeySet => await ResolveAsync(keys, database, context, cancellationToken).ConfigureAwait(false),
            _ => [],
        };

    /// <summary>Looks whole keys up, all at once: an identity for each, in the order given.</summary>
    private static async Task<IReadOnlyList<ExecutionIdentity>> ResolveAsync(string[] keys, ILeoDatabase database, CallContext context, CancellationToken cancellationToken)
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
