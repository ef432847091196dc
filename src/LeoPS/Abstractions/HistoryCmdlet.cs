using System.Management.Automation;
using LeoPS.Binding;
using LeoPS.History;
using LeoPS.Ports;

namespace LeoPS.Abstractions;

/// <summary>A cmdlet that streams the status changes of one table's rows, newest first. Which table it is, is the derived cmdlet's.</summary>
public abstract class HistoryCmdlet<TEntry, TQuery, TRow, TIdentity> : ReadAheadCmdlet<TEntry>
    where TEntry : HistoryEntry
    where TQuery : HistoryQuery
    where TRow : class
    where TIdentity : RowIdentity<TRow>
{
    private readonly List<TIdentity> _asked = [];

    /// <summary>Ids of rows to match.</summary>
    [Parameter]
    [ValidateNotNull]
    [NoSecretTransformation]
    public Guid[]? Id { get; set; }

    /// <summary>Changed at or after this time.</summary>
    [Parameter]
    [ValidateNotNull]
    [TimeTransformation]
    public DateTimeOffset? After { get; set; }

    /// <summary>Changed before this time.</summary>
    [Parameter]
    [ValidateNotNull]
    [TimeTransformation]
    public DateTimeOffset? Before { get; set; }

    /// <summary>The history.</summary>
    private protected abstract IHistoryStore<TEntry, TQuery> Store { get; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_asked.Count > 0)
        {
            // Whatever came through the pipe, the newest change of all of it comes first.
            HashSet<Guid> met = Read([.. _asked.Select(a => a.Id).Distinct()]);
            ReportUnknown(_asked.Where(a => !met.Contains(a.Id)).Select(a => (a.Id, a.Source)));
        }
        else if (!TakesInput)
        {
            HashSet<Guid> met = Read(Id);
            ReportUnknown((Id ?? []).Where(id => !met.Contains(id)).Select(id => (id, (object?)id)));
            ReportUnknownNames();
        }
    }

    /// <summary>The query of the parameters.</summary>
    /// <param name="ids">The ids that are asked for; null for all rows.</param>
    private protected abstract TQuery Query(IReadOnlyList<Guid>? ids);

    /// <summary>Reports names that were given and that nothing has, where no change came.</summary>
    private protected abstract void ReportUnknownNames();

    /// <summary>True where nothing but ids selects.</summary>
    private protected abstract bool OnlyIds { get; }

    /// <summary>Takes piped rows; those that name none are reported.</summary>
    private protected void Ask(IEnumerable<TIdentity> identities) => TakeEach(identities, _asked.Add);

    private HashSet<Guid> Read(IReadOnlyList<Guid>? ids)
    {
        var met = new HashSet<Guid>();
        TQuery query = Query(ids);
        Read(token => Store.ReadAsync(query, Context, token), item =>
        {
            if (ids is not null)
            {
                met.Add(item.Row.Id);
            }

            if (item.Error is { } error)
            {
                WriteRowError(error, item.Row.Id);
            }
            else
            {
                WriteObject(item.Row);
            }

            return true;
        });
        return met;
    }

    /// <summary>A row that has not changed since there is a history is no error; one that does not exist is.</summary>
    private void ReportUnknown(IEnumerable<(Guid Id, object? Source)> rows)
    {
        (Guid Id, object? Source)[] silent = [.. rows];
        if (silent.Length == 0 || !OnlyIds || First is not null)
        {
            return;
        }

        HashSet<Guid> unknown = [.. Await(token => Store.FindUnknownAsync([.. silent.Select(s => s.Id)], Context, token))];
        foreach ((Guid id, object? source) in silent.Where(s => unknown.Contains(s.Id)))
        {
            WriteRowError(LeoErrors.NotFound(Noun, id.ToString(), Database.Server.Role), source);
        }
    }
}
