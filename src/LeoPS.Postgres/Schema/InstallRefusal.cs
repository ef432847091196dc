using Npgsql;

namespace LeoPS.Postgres.Schema;

/// <summary>What ends an installation as a whole.</summary>
internal static class InstallRefusal
{
    /// <summary>The condition of ours that a missing right is.</summary>
    public static LeoException Of(PostgresException refusal, string role) => Forbidden(role, refusal.MessageText, refusal.SqlState);

    /// <summary>The role may not do it.</summary>
    public static LeoException Forbidden(string role, string why, string? sqlState) => new(
        LeoErrorId.Forbidden,
        $"Role {role} may not install the schema: {why}. Nothing was changed. "
            + "Connect as the owner of the database, or have the owner grant what is missing, and install again.",
        sqlState);
}
