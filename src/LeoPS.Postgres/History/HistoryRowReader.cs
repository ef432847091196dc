using LeoPS.Postgres.Tables;
using Npgsql;

namespace LeoPS.Postgres.History;

/// <summary>Makes entries of a history's rows, as <see cref="HistorySql"/> lists their columns.</summary>
internal abstract class HistoryRowReader<TEntry>(NpgsqlDataReader reader, HistoryTable table)
    : RowReader<TEntry>(reader, new TableDefinition(table.Name, $"status change of {table.Noun}", "x", HistorySql.Columns, "to_status", null, [], ""))
    where TEntry : HistoryEntry
{
    private readonly NpgsqlDataReader _reader = reader;

    protected const int From = 3;
    protected const int To = 4;

    /// <summary>The first of the labels.</summary>
    protected static int Label => HistorySql.Columns.Count;

    protected sealed override object IdOf(TEntry row) => row.Id;

    protected sealed override TEntry Make()
    {
        TEntry entry = MakeEntry();
        entry.EntryId = _reader.GetInt64(0);
        entry.Id = Id(1);
        entry.ChangedAt = Stamp(2) ?? default;
        entry.Reason = Text(5);
        entry.ChangedBy = RequiredText(6);
        entry.Role = RequiredText(7);
        entry.UserId = Text(8);
        entry.Actor = Text(9);
        entry.Batch = _reader.GetFieldValue<ulong>(10);
        return entry;
    }

    /// <summary>An entry with the two statuses and what its row is known by.</summary>
    protected abstract TEntry MakeEntry();
}
