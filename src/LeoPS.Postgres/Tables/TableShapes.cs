using System.Runtime.CompilerServices;
using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;

namespace LeoPS.Postgres.Tables;

/// <summary>The statements over a table, made for its live shape, which is looked at once per call: what a DBA changes between two calls is seen by the second.</summary>
internal sealed class TableShapes<TSql>(string table, Func<RelationShape, TSql> make)
    where TSql : class
{
    private readonly ConditionalWeakTable<CallContext, Lazy<Task<TSql>>> _ofCall = [];

    /// <exception cref="LeoException">SchemaMissing.</exception>
    public Task<TSql> ForAsync(StatementScope scope, CancellationToken cancellationToken) =>
        // Lazy: batches in flight may ask at once, and one look is enough.
        _ofCall.GetValue(scope.Context, _ => new Lazy<Task<TSql>>(() => LoadAsync(scope, cancellationToken))).Value;

    private async Task<TSql> LoadAsync(StatementScope scope, CancellationToken cancellationToken) =>
        make(await RelationShape.LoadAsync(scope, table, cancellationToken).ConfigureAwait(false));
}
