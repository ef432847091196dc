using LeoPS.Ports;

namespace LeoPS.Postgres.Statements;

/// <summary>Where the statements of a database's stores run.</summary>
internal interface IScopeSource
{
    /// <summary>The scope of one call.</summary>
    /// <param name="context">The call.</param>
    /// <param name="reason">Why it changes what it changes, for the history; null where nothing was said.</param>
    StatementScope For(CallContext context, string? reason = null);

    /// <summary>Rows per page of a reading, where <paramref name="asked"/> says nothing; null reads one open statement.</summary>
    int? PageSize(int? asked);
}
