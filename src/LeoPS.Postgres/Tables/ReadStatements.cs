using LeoPS.Postgres.Statements;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.Postgres.Tables;

/// <summary>The statements of a reading. A table says what its filter's conditions are, and its orders' columns.</summary>
/// <param name="sql">The table's statements.</param>
internal abstract class ReadStatements<TRow, TFilter, TOrder>(TableSql sql)
    where TRow : class, IOrderedRow<TOrder>
    where TFilter : new()
    where TOrder : struct, Enum
{
    /// <summary>What a row is called in messages.</summary>
    public string Noun => sql.Table.Noun;

    /// <summary>Reads the rows of a query behind a place; <see cref="long.MaxValue"/> rows means all.</summary>
    public Statement Select(RowQuery<TFilter, TOrder> query, ResumePoint? place, long rows, long skip)
    {
        var statement = new Statement();
        (string column, string type) = Column(query.OrderBy);
        string? keyset = place is null ? null : KeysetSql.After(column, type, sql.Table.Id, query.Descending, place, statement);
        string where = ConditionSql.Where(Conditions(query.Filter, statement), keyset);
        statement.Text = sql.Select(where, KeysetSql.OrderBy(column, sql.Table.Id, query.Descending), KeysetSql.Limit(statement, rows, skip));
        return statement;
    }

    /// <summary>Asks for one row's value of the order column, as text; null where the order is by id, which needs none.</summary>
    public Statement? OrderKey(TOrder order, object id)
    {
        (string column, _) = Column(order);
        if (column == sql.Table.Id)
        {
            return null;
        }

        var statement = new Statement();
        statement.Text = sql.OrderKey(column, KeysetSql.Id(statement, id));
        return statement;
    }

    /// <summary>Makes objects of the rows.</summary>
    public abstract RowReader<TRow> Reader(NpgsqlDataReader reader);

    /// <summary>A column of the table as an expression; see <see cref="TableSql.Of"/>.</summary>
    protected string Of(string column) => sql.Of(column);

    /// <summary>The conditions of a filter; none for the empty one.</summary>
    protected abstract IEnumerable<string> Conditions(TFilter filter, Statement statement);

    /// <summary>The column of an order with its alias, and the type that its values are compared as.</summary>
    protected abstract (string Column, string Type) Column(TOrder order);
}
