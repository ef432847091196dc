using LeoPS.Ports;

namespace LeoPS.Postgres.Statements;

/// <summary>Statements of many calls in one transaction. Readings come in pages: the connection is for one statement at a time.</summary>
internal sealed class TransactionScopes(OpenTransaction transaction) : IScopeSource
{
    public StatementScope For(CallContext context) => new TransactionScope(transaction, context);

    public int? PageSize(int? asked) => asked ?? ConnectionSettings.RowsPerPage;
}
