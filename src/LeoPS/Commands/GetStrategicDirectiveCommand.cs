using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Directives;
using LeoPS.Reading;
using LeoPS.Text;

namespace LeoPS.Commands;

/// <summary>Get-StrategicDirective: streams strategic directives; every filter runs on the server.</summary>
[Cmdlet(VerbsCommon.Get, "StrategicDirective")]
[OutputType(typeof(StrategicDirective), typeof(string))]
public sealed class GetStrategicDirectiveCommand : StreamingCmdlet<StrategicDirective, DirectiveFilter, DirectiveOrder>
{
    private const int NamesPerStatement = 1000;
    private readonly List<DirectiveIdentity> _asked = [];

    /// <summary>Ids and keys of the directives that came.</summary>
    private readonly HashSet<string> _met = new(DirectiveIds.Comparer);

    /// <summary>By key, as people look for them.</summary>
    public GetStrategicDirectiveCommand() => OrderBy = DirectiveOrder.SdKey;

    /// <summary>Directives to read again: objects, ids, keys, rows with an SdId, SdKey or Id; or handoffs and sessions, whose directive is meant.</summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    [DirectiveIdentityTransformation(AcceptsReferrers = true)]
    public DirectiveIdentity[]? InputObject { get; set; }

    /// <summary>Ids or keys, with wildcards.</summary>
    [Parameter(Position = 0)]
    [Alias("Id", "SdKey")]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? SdId { get; set; }

    /// <summary>Statuses to match, in any case, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? Status { get; set; }

    /// <summary>Categories to match, in any case, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? Category { get; set; }

    /// <summary>Priorities to match, in any case, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? Priority { get; set; }

    /// <summary>Goes on after this directive, in the same order.</summary>
    [Parameter]
    [DirectiveIdentityTransformation]
    public DirectiveIdentity[]? ResumeAfter { get; set; }

    /// <inheritdoc/>
    private protected override string Noun => DirectiveVerdict.Noun;

    /// <inheritdoc/>
    protected override void ProcessRecord() => TakeEach(InputObject ?? [], identity =>
    {
        _asked.Add(identity);
        if (_asked.Count == NamesPerStatement)
        {
            ReadAsked();
        }
    });

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        ReadAsked();
        if (!TakesInput)
        {
            Read(Filter, new ReadRange(First, Skip, Place()), Meet);
            ReportUnknown();
        }
    }

    /// <inheritdoc/>
    private protected override IAsyncEnumerable<IReadOnlyList<ReadItem<StrategicDirective>>> Stream(DirectiveFilter filter, ReadRange range, CancellationToken cancellationToken) =>
        Database.Directives.ReadAsync(Query<DirectiveQuery>(filter, range), Context, cancellationToken);

    /// <inheritdoc/>
    private protected override string Line(StrategicDirective row) => DirectiveJson.Line(row);

    private DirectiveFilter Filter => new()
    {
        SdIds = Wildcard.Findable(SdId),
        Statuses = Status,
        Categories = Category,
        Priorities = Priority,
    };

    private void Meet(StrategicDirective row)
    {
        _met.Add(row.Id);
        if (row.SdKey is { } key)
        {
            _met.Add(key);
        }
    }

    /// <summary>Reads what was piped and not read yet.</summary>
    private void ReadAsked()
    {
        if (_asked.Count == 0)
        {
            return;
        }

        DirectiveFilter filter = Filter with { Names = [.. _asked.Select(a => a.Sd).Where(StoredText.IsStorable).Distinct(StringComparer.Ordinal)] };
        Read(filter, new ReadRange(null, 0, null), Meet);
        // With -First, one that did not come may just have been one too many.
        if (filter.OnlyNames && First is null)
        {
            foreach (DirectiveIdentity identity in _asked.Where(a => !_met.Contains(a.Sd)))
            {
                WriteNotFound(identity.Sd, identity.Source);
            }
        }

        _asked.Clear();
    }

    /// <summary>A name that nobody has is an error; one that another filter, or a limit, leaves out is not.</summary>
    private void ReportUnknown()
    {
        string[] missing = [.. Wildcard.Names(SdId).Where(n => !_met.Contains(n))];
        if (missing.Length == 0)
        {
            return;
        }

        IReadOnlyDictionary<string, string> there = Await(token => Database.Directives.ResolveAsync([.. missing.Where(StoredText.IsStorable)], Context, token));
        foreach (string name in missing.Where(n => !there.ContainsKey(n)))
        {
            WriteNotFound(name, name);
        }
    }

    private void WriteNotFound(string name, object? source) => WriteRowError(LeoErrors.NotFound(Noun, name, Database.Server.Role), source);

    /// <summary>The directive after which to go on, as -ResumeAfter names it; null where it was not given.</summary>
    private ResumePoint? Place()
    {
        if (OnePlace(ResumeAfter) is not { } last)
        {
            return null;
        }

        if (last.Row is { } row)
        {
            return ResumePoint.After(row, OrderBy);
        }

        return Await(
            async token =>
            {
                if (last.Error is { } error)
                {
                    throw error;
                }

                IReadOnlyDictionary<string, string> ids = await Database.Directives.ResolveAsync([last.Sd], Context, token).ConfigureAwait(false);
                return ids.TryGetValue(last.Sd, out string? id) ? ResumePoint.After(id) : throw LeoErrors.NotFound(Noun, last.Sd, Database.Server.Role);
            },
            last.Source);
    }
}
