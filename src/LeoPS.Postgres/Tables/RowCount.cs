using LeoPS.Postgres.Statements;

namespace LeoPS.Postgres.Tables;

/// <summary>Counts rows.</summary>
internal static class RowCount
{
    /// <param name="scope">Where the statement runs.</param>
    /// <param name="table">The table.</param>
    /// <param name="where">The where, which adds its values to the statement.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static Task<long> RunAsync(StatementScope scope, TableDefinition table, Func<Statement, string> where, CancellationToken cancellationToken)
    {
        var statement = new Statement();
        statement.Text = TableSql.Count(table, where(statement));
        return scope.RunAsync($"count {table.Noun}s", statement, Results.CountAsync, n => n, cancellationToken);
    }
}
