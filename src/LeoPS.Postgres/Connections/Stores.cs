using LeoPS.History;
using LeoPS.Ports;
using LeoPS.Postgres.Access;
using LeoPS.Postgres.Directives;
using LeoPS.Postgres.Executions;
using LeoPS.Postgres.Flows;
using LeoPS.Postgres.Handoffs;
using LeoPS.Postgres.History;
using LeoPS.Postgres.Owners;
using LeoPS.Postgres.Sessions;
using LeoPS.Postgres.Statements;

namespace LeoPS.Postgres.Connections;

/// <summary>The stores of a database, over a pool or over one transaction.</summary>
/// <param name="scopes">Where statements run.</param>
/// <param name="role">The role in force, for messages.</param>
/// <param name="keeper">Keeps the runs that this process owns; null in a transaction.</param>
internal sealed class Stores(IScopeSource scopes, string role, RunKeeper? keeper)
{
    public IDirectiveStore Directives { get; } = new DirectiveStore(scopes, role);

    public ISessionStore Sessions { get; } = new SessionStore(scopes, role);

    public IHandoffStore Handoffs { get; } = new HandoffStore(scopes, role);

    public WritePreview Preview { get; } = new(scopes, role);

    public IFlowStore Flows { get; } = new FlowStore(scopes, role);

    public IExecutionStore Executions { get; } = new ExecutionStore(scopes, role, keeper);

    public IHistoryStore<HandoffHistoryEntry, HandoffHistoryQuery> HandoffHistory { get; } =
        new HistoryStore<HandoffHistoryEntry, HandoffHistoryQuery>(new HandoffHistoryStatements(), scopes, role);

    public IHistoryStore<FlowExecutionHistoryEntry, ExecutionHistoryQuery> ExecutionHistory { get; } =
        new HistoryStore<FlowExecutionHistoryEntry, ExecutionHistoryQuery>(new ExecutionHistoryStatements(), scopes, role);
}
