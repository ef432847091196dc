using LeoPS.Ports;
using LeoPS.Postgres.Connections;

namespace LeoPS.Postgres.Statements;

/// <summary>Statements on connections of a pool, each in a transaction of its own.</summary>
internal sealed class PooledScopes(ConnectionSource source, ConnectionSettings settings) : IScopeSource
{
    public StatementScope For(CallContext context) => new PooledScope(source, settings, context);

    public int? PageSize(int? asked) => settings.PageSize(asked);
}
