using LeoPS.Binding;
using LeoPS.Reading;

namespace LeoPS.Abstractions;

/// <summary>
/// A cmdlet that streams rows of one table whose ids are GUIDs: by filters that the server applies, or again for rows that are piped in.
/// </summary>
public abstract class ReadingCmdlet<TRow, TFilter, TOrder, TIdentity> : StreamingCmdlet<TRow, TFilter, TOrder>
    where TRow : class, IOrderedRow<TOrder>
    where TFilter : IRowFilter, new()
    where TOrder : struct, Enum
    where TIdentity : RowIdentity<TRow>
{
    private const int IdsPerStatement = 1000;
    private readonly List<TIdentity> _asked = [];

    private bool OnlyIds => Filter(null).OnlyIds;

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!ReadAsked() && !TakesInput)
        {
            ReadByParameters();
        }
    }

    /// <summary>Reads by the parameters, and reports names that nothing has.</summary>
    private protected abstract void ReadByParameters();

    /// <summary>The filter of the parameters.</summary>
    /// <param name="ids">The ids that are asked for; null where those of the parameters count.</param>
    private protected abstract TFilter Filter(IReadOnlyList<Guid>? ids);

    /// <summary>The filter for rows that are read again.</summary>
    private protected virtual TFilter Again(IReadOnlyList<TIdentity> asked) => Filter([.. asked.Select(a => a.Id).Distinct()]);

    /// <summary>True where a row that was asked for is among those that came.</summary>
    private protected virtual bool Came(TIdentity asked, HashSet<Guid> met) => met.Contains(asked.Id);

    /// <summary>Why a row that was named is not there.</summary>
    private protected virtual LeoException Missing(string label) => LeoErrors.NotFound(Noun, label, Database.Server.Role);

    /// <summary>Takes piped rows: those that name none are reported, the others are read again, many at a time.</summary>
    private protected void Ask(IEnumerable<TIdentity> identities) => TakeEach(identities, identity =>
    {
        _asked.Add(identity);
        if (_asked.Count == IdsPerStatement)
        {
            ReadAsked();
        }
    });

    /// <summary>Reads what was piped and not read yet; false where nothing was.</summary>
    private protected bool ReadAsked()
    {
        if (_asked.Count == 0)
        {
            return false;
        }

        HashSet<Guid> met = Read(Again(_asked), new ReadRange(null, 0, null), collect: true);
        // With -First, an id that did not come may just have been one too many.
        if (OnlyIds && First is null)
        {
            foreach (TIdentity identity in _asked.Where(a => !Came(a, met)))
            {
                WriteRowError(Missing(identity.ToString()), identity.Source);
            }
        }

        _asked.Clear();
        return true;
    }

    /// <summary>Reads by the parameters. An id that was named and does not exist is an error; one that another filter leaves out is not.</summary>
    private protected void ReadSelected(IReadOnlyList<Guid>? ids, ResumePoint? place)
    {
        HashSet<Guid> met = Read(Filter(null), new ReadRange(First, Skip, place), collect: ids is not null);
        if (OnlyIds && First is null && Skip == 0 && place is null)
        {
            foreach (Guid id in (ids ?? []).Where(id => !met.Contains(id)))
            {
                WriteRowError(Missing(id.ToString()), id);
            }
        }
    }

    /// <summary>Streams a query; returns the ids that came, where they are to be collected.</summary>
    private protected HashSet<Guid> Read(TFilter filter, ReadRange range, bool collect)
    {
        var met = new HashSet<Guid>();
        Read(filter, range, collect ? row => met.Add((Guid)row.GetKey()) : null);
        return met;
    }

    /// <summary>The row after which to go on, as -ResumeAfter names it; null where it was not given.</summary>
    private protected ResumePoint? Place<TPlace>(TPlace[]? resumeAfter)
        where TPlace : RowIdentity<TRow>
    {
        if (OnePlace(resumeAfter) is not { } last)
        {
            return null;
        }

        return Guard(() =>
            last.Error is { } error ? throw error
            : last.Row is { } row ? ResumePoint.After(row, OrderBy)
            : last.Id != Guid.Empty ? ResumePoint.After(last.Id)
            : throw LeoErrors.InvalidIdentity(Noun, $"'{LeoErrors.Short(last.ToString())}' of -ResumeAfter"));
    }
}
