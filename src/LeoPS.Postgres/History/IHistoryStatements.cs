using LeoPS.History;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using Npgsql;

namespace LeoPS.Postgres.History;

/// <summary>What a reading of a history needs to know of its table.</summary>
internal interface IHistoryStatements<TEntry, TQuery>
    where TEntry : HistoryEntry
    where TQuery : HistoryQuery
{
    /// <summary>The history.</summary>
    HistoryTable Table { get; }

    /// <summary>The columns by which people know the row, x being the change.</summary>
    string Labels { get; }

    /// <summary>The conditions that this table alone has.</summary>
    IEnumerable<string> Conditions(TQuery query, Statement statement);

    /// <summary>Makes objects of the rows: the columns of <see cref="HistorySql"/>, then the labels.</summary>
    RowReader<TEntry> Reader(NpgsqlDataReader reader);
}
