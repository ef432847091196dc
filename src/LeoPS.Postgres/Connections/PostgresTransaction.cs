using LeoPS.Access;
using LeoPS.Executions;
using LeoPS.Handoffs;
using LeoPS.History;
using LeoPS.Ports;
using LeoPS.Postgres.Access;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.Postgres.Connections;

/// <summary>A transaction, and the database as it sees it.</summary>
internal sealed class PostgresTransaction : ILeoTransaction, ILeoDatabase
{
    private readonly PostgresDatabase _outside;
    private readonly OpenTransaction _transaction;
    private readonly Stores _stores;

    public PostgresTransaction(PostgresDatabase outside, OpenTransaction transaction)
    {
        _outside = outside;
        _transaction = transaction;
        _stores = new Stores(new TransactionScopes(transaction), outside.Server.Role, keeper: null);
    }

    public ILeoDatabase Database => this;

    public ServerIdentity Server => _outside.Server;

    public IDirectiveStore Directives => _stores.Directives;

    public ISessionStore Sessions => _stores.Sessions;

    public IHandoffStore Handoffs => _stores.Handoffs;

    public IFlowStore Flows => _stores.Flows;

    public IExecutionStore Executions => _stores.Executions;

    public IHistoryStore<HandoffHistoryEntry, HandoffHistoryQuery> HandoffHistory => _stores.HandoffHistory;

    public IHistoryStore<FlowExecutionHistoryEntry, ExecutionHistoryQuery> ExecutionHistory => _stores.ExecutionHistory;

    public IChangeFeed<HandoffPreparation, HandoffWatch> HandoffFeed => _outside.HandoffFeed;

    public IChangeFeed<FlowExecution, ExecutionWatch> ExecutionFeed => _outside.ExecutionFeed;

    public ISchemaStore Schema => _outside.Schema;

    /// <exception cref="LeoException">Always: there is one already.</exception>
    public Task<ILeoTransaction> BeginAsync(CancellationToken cancellationToken) => throw LeoErrors.NestedTransaction();

    public Task<LeoException?> FindObstacleAsync(PlannedWrite write, CallContext context, CancellationToken cancellationToken) =>
        _stores.Preview.FindObstacleAsync(write, context, cancellationToken);

    public Task<DatabaseReport> TestAsync(CallContext context, CancellationToken cancellationToken) => _outside.TestAsync(context, cancellationToken);

    public Task CommitAsync() => EndAsync(async () =>
    {
        try
        {
            await _transaction.CommitAsync().ConfigureAwait(false);
        }
        catch (PostgresException refusal) when (refusal.ConstraintName is not null)
        {
            // The transaction is over, and its connection is free for the look.
            StatementScope scope = _transaction.Afterwards(CallContext.For("Invoke-LeoTransaction"));
            await ConstraintExplainer.FindAsync(scope, refusal, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    });

    public Task RollbackAsync() => EndAsync(_transaction.RollbackAsync);

    public ValueTask DisposeAsync() => _transaction.DisposeAsync();

    private Task EndAsync(Func<Task> end) => PostgresErrors.GuardAsync(
        async () =>
        {
            await end().ConfigureAwait(false);
            return true;
        },
        Server.Role,
        CancellationToken.None);
}
