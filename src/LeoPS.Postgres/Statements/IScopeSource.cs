using LeoPS.Ports;

namespace LeoPS.Postgres.Statements;

/// <summary>Where the statements of a database's stores run.</summary>
internal interface IScopeSource
{
    /// <summary>The scope of one call.</summary>
    StatementScope For(CallContext context);

    /// <summary>Rows per page of a reading, where <paramref name="asked"/> says nothing; null reads one open statement.</summary>
    int? PageSize(int? asked);
}
