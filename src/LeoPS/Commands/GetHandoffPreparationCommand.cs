using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Handoffs;
using LeoPS.Reading;

namespace LeoPS.Commands;

/// <summary>Get-HandoffPreparation: streams handoffs; every filter runs on the server.</summary>
[Cmdlet(VerbsCommon.Get, "HandoffPreparation")]
[OutputType(typeof(HandoffPreparation), typeof(string))]
public sealed class GetHandoffPreparationCommand : DatabaseCmdlet
{
    private const int IdsPerStatement = 1000;
    private readonly List<HandoffIdentity> _asked = [];
    private ReadAhead<ReadItem<HandoffPreparation>>? _reading;
    private HandoffFilter _filter = new();
    private long _left = long.MaxValue;
    private bool _anyCame;

    /// <summary>Handoffs to read again: objects, ids, or rows with an Id.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [AllowNull]
    [HandoffIdentityTransformation]
    public HandoffIdentity[]? InputObject { get; set; }

    /// <summary>Ids to match.</summary>
    [Parameter]
    [ValidateNotNull]
    public Guid[]? Id { get; set; }

    /// <summary>SD ids or keys, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? SdId { get; set; }

    /// <summary>Implementation sessions to match.</summary>
    [Parameter]
    [ValidateNotNull]
    public Guid[]? SessionId { get; set; }

    /// <summary>Statuses to match.</summary>
    [Parameter]
    [HandoffStatusTransformation]
    public HandoffStatus[]? Status { get; set; }

    /// <summary>Prepared at or after this time.</summary>
    [Parameter]
    [ValidateNotNull]
    public DateTimeOffset? After { get; set; }

    /// <summary>Prepared before this time.</summary>
    [Parameter]
    [ValidateNotNull]
    public DateTimeOffset? Before { get; set; }

    /// <summary>The order; by id without it.</summary>
    [Parameter]
    public HandoffOrder OrderBy { get; set; }

    /// <summary>Largest or newest first.</summary>
    [Parameter]
    public SwitchParameter Descending { get; set; }

    /// <summary>How many at the most.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long? First { get; set; }

    /// <summary>How many to leave out at the beginning.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long Skip { get; set; }

    /// <summary>Goes on after this handoff, in the same order.</summary>
    [Parameter]
    [HandoffIdentityTransformation]
    public HandoffIdentity[]? ResumeAfter { get; set; }

    /// <summary>Reads in pages of this many rows, each a statement of its own.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int? PageSize { get; set; }

    /// <summary>Only the newest handoff of each SD; the other filters judge that one.</summary>
    [Parameter]
    public SwitchParameter Latest { get; set; }

    /// <summary>Not terminal, and longer than this in the present status.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan? Stuck { get; set; }

    /// <summary>Writes JSON lines, lossless, instead of objects.</summary>
    [Parameter]
    public SwitchParameter AsJson { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _left = First ?? long.MaxValue;
        _filter = new HandoffFilter
        {
            Ids = Id,
            SdIds = SdId,
            SessionIds = SessionId,
            Statuses = Status,
            After = After,
            Before = Before,
            Stuck = Stuck,
            Latest = Latest,
        };
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (HandoffIdentity identity in InputObject ?? [])
        {
            if (identity.Error is { } error)
            {
                WriteRowError(error, identity.Source);
                continue;
            }

            _asked.Add(identity);
            if (_asked.Count == IdsPerStatement)
            {
                ReadAsked();
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_asked.Count > 0)
        {
            ReadAsked();
        }
        else if (InputObject is null && !MyInvocation.ExpectingInput)
        {
            HashSet<Guid> met = Read(Query(_filter) with { First = First, Skip = Skip, ResumeAfter = Place() });
            ReportUnmet(met);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _reading?.Dispose();
        }

        base.Dispose(disposing);
    }

    private HandoffQuery Query(HandoffFilter filter) => new() { Filter = filter, OrderBy = OrderBy, Descending = Descending, PageSize = PageSize };

    private ResumePoint? Place()
    {
        if (ResumeAfter is not [HandoffIdentity last, ..])
        {
            return null;
        }

        return Guard(() => last.Error is null
            ? last.Row is { } row ? ResumePoint.After(row, OrderBy) : ResumePoint.After(last.Id)
            : throw last.Error);
    }

    private void ReadAsked()
    {
        HashSet<Guid> met = Read(Query(_filter with { Ids = [.. _asked.Select(a => a.Id).Distinct()] }));
        // With -First, an id that did not come may just have been one too many.
        if (OnlyIds && First is null)
        {
            foreach (HandoffIdentity identity in _asked.Where(a => !met.Contains(a.Id)))
            {
                WriteRowError(LeoErrors.NotFound("handoff", identity.Id.ToString(), Database.Server.Role), identity.Source);
            }
        }

        _asked.Clear();
    }

    /// <summary>An id or SD that was named and does not exist is an error; one that another filter leaves out is not.</summary>
    private void ReportUnmet(HashSet<Guid> met)
    {
        if (OnlyIds && First is null && Skip == 0 && ResumeAfter is null)
        {
            foreach (Guid id in (Id ?? []).Where(id => !met.Contains(id)))
            {
                WriteRowError(LeoErrors.NotFound("handoff", id.ToString(), Database.Server.Role), id);
            }
        }

        string[] named = [.. (SdId ?? []).Where(sd => !Text.Wildcard.IsPattern(sd)).Select(Text.Wildcard.Unescape)];
        if (named.Length > 0 && (!_anyCame || SdId!.Length > 1))
        {
            foreach (string sd in Await(token => Database.Handoffs.FindUnknownSdsAsync(named, Context, token)))
            {
                WriteRowError(LeoErrors.NotFound("strategic directive", sd, Database.Server.Role), sd);
            }
        }
    }

    /// <summary>True where nothing but ids selects.</summary>
    private bool OnlyIds => SdId is null && SessionId is null && Status is null && After is null && Before is null && Stuck is null && !Latest;

    /// <summary>Streams a query; returns the ids that came, where only ids select.</summary>
    private HashSet<Guid> Read(HandoffQuery query)
    {
        var met = new HashSet<Guid>();
        using var reading = new ReadAhead<ReadItem<HandoffPreparation>>(token => Database.Handoffs.ReadAsync(query, Context, token), StopToken);
        _reading = reading;
        using IEnumerator<IReadOnlyList<ReadItem<HandoffPreparation>>> chunks = reading.Chunks().GetEnumerator();
        while (_left > 0 && Guard(chunks.MoveNext))
        {
            FlushLog();
            foreach (ReadItem<HandoffPreparation> item in chunks.Current)
            {
                _anyCame = true;
                if (query.Filter.Ids is not null)
                {
                    met.Add(item.Row.Id);
                }

                Write(item);
                if (--_left == 0)
                {
                    break;
                }
            }
        }

        _reading = null;
        FlushLog();
        return met;
    }

    private void Write(ReadItem<HandoffPreparation> item)
    {
        if (item.Error is { } error)
        {
            WriteRowError(error, item.Row.Id);
        }
        else if (AsJson)
        {
            WriteObject(HandoffJson.Line(item.Row));
        }
        else
        {
            WriteObject(item.Row);
        }
    }
}
