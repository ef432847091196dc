using LeoPS.Changes;
using LeoPS.Postgres.Changes;
using LeoPS.Reading;
using LeoPS.Statuses;
using Npgsql;

namespace LeoPS.Postgres.Tables;

/// <summary>Makes objects of a table's rows, as <see cref="TableSql"/> lists their columns. A value that no object can hold becomes the row's fault.</summary>
internal abstract class RowReader<TRow>(NpgsqlDataReader reader, TableDefinition table)
    where TRow : class
{
    private static readonly DateTimeOffset _epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly long _microsecondsToMin = (DateTimeOffset.MinValue.Ticks - _epoch.Ticks) / TimeSpan.TicksPerMicrosecond;
    private static readonly long _microsecondsToMax = (DateTimeOffset.MaxValue.Ticks - _epoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private (string Column, string Why)? _fault;
    private int _size;

    /// <summary>The characters of the last row's texts: what a chunk of rows holds on to.</summary>
    public int LastSize => _size;

    /// <summary>The first column behind those of the model and the names.</summary>
    public int Next => NamesColumn + table.NameColumns.Count;

    protected int RowVersionColumn => table.Columns.Count;

    /// <summary>The hash of what people write; for a table that has one.</summary>
    protected int ContentHashColumn => table.Columns.Count + 2;

    /// <summary>The first of the columns of other tables.</summary>
    protected int NamesColumn => table.Columns.Count + (table.CountedColumns.Count > 0 ? 3 : 2);

    /// <summary>The row that the reader stands on.</summary>
    public ReadItem<TRow> Read()
    {
        _fault = null;
        _size = 0;
        TRow row = Make();
        LeoException? error = _fault is { } fault
            ? LeoErrors.UnreadableRow(table.Noun, IdOf(row).ToString()!, fault.Column, fault.Why)
            : null;
        return new ReadItem<TRow>(row, error);
    }

    /// <summary>Every row, as something is made of it.</summary>
    public async Task<IReadOnlyList<T>> AllAsync<T>(Func<ReadItem<TRow>, T> make, CancellationToken cancellationToken)
    {
        var made = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            made.Add(make(Read()));
        }

        return made;
    }

    /// <summary>
    /// The rows that a statement made, for whoever knows their places by their ids. Not to be cancelled: by the first returned row the server has
    /// written all of them, and a stop must not lose which.
    /// </summary>
    public Task<IReadOnlyList<ReadItem<TRow>>> AllMadeAsync() => AllAsync(item => item, CancellationToken.None);

    /// <summary>The rows that a statement wrote; their place is in the column behind the names. Not to be cancelled, either.</summary>
    public Task<IReadOnlyList<Written<TRow>>> AllWrittenAsync() =>
        AllAsync(item => new Written<TRow>(reader.GetInt32(Next), item.Row, item.Error), CancellationToken.None);

    /// <summary>The rows that a second look found, by id; the column behind the names says which are held.</summary>
    public async Task<IReadOnlyDictionary<Guid, Seen<TRow>>> AllSeenAsync(CancellationToken cancellationToken)
    {
        var seen = new Dictionary<Guid, Seen<TRow>>();
        foreach (Seen<TRow> row in await AllAsync(item => new Seen<TRow>(item.Row, reader.GetBoolean(Next)), cancellationToken).ConfigureAwait(false))
        {
            seen[(Guid)IdOf(row.Row)] = row;
        }

        return seen;
    }

    /// <summary>A timestamp in UTC, to the microsecond.</summary>
    /// <exception cref="FormatException">It is infinite, or outside the years 1 to 9999.</exception>
    public static DateTimeOffset? Time(NpgsqlDataReader reader, int ordinal)
    {
        if (reader.IsDBNull(ordinal))
        {
            return null;
        }

        long microseconds = reader.GetFieldValue<long>(ordinal);
        return microseconds switch
        {
            long.MaxValue => throw new FormatException("is infinity, which no date is"),
            long.MinValue => throw new FormatException("is -infinity, which no date is"),
            _ when microseconds < _microsecondsToMin || microseconds > _microsecondsToMax => throw new FormatException("lies outside the years 1 to 9999"),
            _ => _epoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond),
        };
    }

    /// <summary>The object, its columns read in order.</summary>
    protected abstract TRow Make();

    /// <summary>The row's id.</summary>
    protected abstract object IdOf(TRow row);

    protected Guid Id(int ordinal) => reader.GetGuid(ordinal);

    protected Guid? NullableId(int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetGuid(ordinal);

    protected uint? Version(int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetFieldValue<uint>(ordinal);

    protected int? Integer(int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetInt32(ordinal);

    protected string RequiredText(int ordinal) => Counted(reader.GetString(ordinal));

    protected string? Text(int ordinal) => reader.IsDBNull(ordinal) ? null : Counted(reader.GetString(ordinal));

    /// <summary>
    /// The columns that LeoPS does not know, as JSON. A column of type json may hold an escape of half a character, of which no text can be made.
    /// </summary>
    protected string? Additional()
    {
        string? text = Text(BeyondColumn);
        if (text is not null && text.Contains("\\ud", StringComparison.OrdinalIgnoreCase) && !JsonText.IsValid(text, out string? error))
        {
            _fault ??= (nameof(AdditionalColumns), $"has a value that cannot be read: {error}");
            return null;
        }

        return text;
    }

    protected decimal? Number(int ordinal)
    {
        if (reader.IsDBNull(ordinal))
        {
            return null;
        }

        try
        {
            return reader.GetDecimal(ordinal);
        }
        catch (Exception e) when (e is InvalidCastException or OverflowException)
        {
            _fault ??= (table.Columns[ordinal], "is NaN or too large for a decimal");
            return null;
        }
    }

    protected DateTimeOffset? Stamp(int ordinal)
    {
        try
        {
            return Time(reader, ordinal);
        }
        catch (FormatException e)
        {
            _fault ??= (table.Columns[ordinal], e.Message);
            return null;
        }
    }

    protected TStatus? Name<TStatus>(int ordinal)
        where TStatus : struct, Enum
    {
        if (reader.IsDBNull(ordinal))
        {
            return null;
        }

        if (!StatusNames<TStatus>.TryFromColumn(reader.GetString(ordinal), out TStatus status))
        {
            _fault ??= (table.Columns[ordinal], $"is not one of {StatusNames<TStatus>.List}");
        }

        return status;
    }

    protected TextArray? Array(int ordinal)
    {
        if (reader.IsDBNull(ordinal))
        {
            return null;
        }

        try
        {
            return new TextArray(reader.GetFieldValue<string?[]>(ordinal));
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidCastException)
        {
            _fault ??= (table.Columns[ordinal], "is an array of more than one dimension");
            return null;
        }
    }

    private int BeyondColumn => table.Columns.Count + 1;

    private string Counted(string text)
    {
        _size += text.Length;
        return text;
    }
}
