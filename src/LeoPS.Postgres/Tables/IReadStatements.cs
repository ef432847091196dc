using LeoPS.Postgres.Statements;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.Postgres.Tables;

/// <summary>What a reading needs to know of its table.</summary>
internal interface IReadStatements<TRow, TFilter, TOrder>
    where TRow : class, IOrderedRow<TOrder>
    where TFilter : new()
    where TOrder : struct, Enum
{
    /// <summary>What a row is called in messages.</summary>
    string Noun { get; }

    /// <summary>Reads the rows of a query behind a place; <see cref="long.MaxValue"/> rows means all.</summary>
    Statement Select(RowQuery<TFilter, TOrder> query, ResumePoint? place, long rows, long skip);

    /// <summary>Asks for one row's value of the order column, as text; null where the order is by id, which needs none.</summary>
    Statement? OrderKey(TOrder order, object id);

    /// <summary>Makes objects of the rows.</summary>
    RowReader<TRow> Reader(NpgsqlDataReader reader);
}
