using LeoPS.Handoffs;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Handoffs;

/// <summary>The statements of a reading of handoffs.</summary>
internal sealed class HandoffReadStatements(HandoffSql sql) : IReadStatements<HandoffPreparation, HandoffFilter, HandoffOrder>
{
    private const string Id = "h.id";

    public string Noun => "handoff";

    public Statement Select(RowQuery<HandoffFilter, HandoffOrder> query, ResumePoint? place, long rows, long skip)
    {
        var statement = new Statement();
        string column = HandoffFilterSql.Column(query.OrderBy);
        string type = query.OrderBy is HandoffOrder.SdId or HandoffOrder.Status ? "text" : "timestamptz";
        string? keyset = place is null ? null : KeysetSql.After(column, type, Id, query.Descending, place, statement);
        string where = HandoffFilterSql.Where(query.Filter, statement, keyset);
        statement.Text = sql.Select(where, KeysetSql.OrderBy(column, Id, query.Descending), KeysetSql.Limit(statement, rows, skip));
        return statement;
    }

    public Statement? OrderKey(HandoffOrder order, object id)
    {
        if (order == HandoffOrder.Id)
        {
            return null;
        }

        var statement = new Statement();
        statement.Text = sql.OrderKey(HandoffFilterSql.Column(order), statement.Add(id, NpgsqlDbType.Uuid));
        return statement;
    }

    public RowReader<HandoffPreparation> Reader(NpgsqlDataReader reader) => new HandoffRowReader(reader);
}
