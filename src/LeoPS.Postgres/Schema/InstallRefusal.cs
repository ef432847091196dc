using Npgsql;

namespace LeoPS.Postgres.Schema;

/// <summary>What ends an installation as a whole.</summary>
internal static class InstallRefusal
{
    /// <summary>True for what concerns more than one statement.</summary>
    public static bool Ends(PostgresException refusal) =>
        refusal.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.ReadOnlySqlTransaction;

    /// <summary>The condition of ours that such a refusal is.</summary>
    public static LeoException Of(PostgresException refusal, string role) => refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege
        ? Forbidden(role, refusal.MessageText, refusal.SqlState)
        : new LeoException(
            LeoErrorId.ReadOnlyConnection,
            $"The schema cannot be installed over a connection that takes no writes: {refusal.MessageText}. Nothing was changed. "
                + "Connect to the primary server, without default_transaction_read_only, and install again.",
            refusal.SqlState);

    /// <summary>The role may not do it.</summary>
    public static LeoException Forbidden(string role, string why, string? sqlState) => new(
        LeoErrorId.Forbidden,
        $"Role {role} may not install the schema: {why}. Nothing was changed. "
            + "Connect as the owner of the database, or have the owner grant what is missing, and install again.",
        sqlState);
}
