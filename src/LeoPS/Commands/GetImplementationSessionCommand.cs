using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Directives;
using LeoPS.Reading;
using LeoPS.Sessions;
using LeoPS.Text;

namespace LeoPS.Commands;

/// <summary>Get-ImplementationSession: streams implementation sessions; every filter runs on the server.</summary>
[Cmdlet(VerbsCommon.Get, "ImplementationSession")]
[OutputType(typeof(ImplementationSession), typeof(string))]
public sealed class GetImplementationSessionCommand : ReadingCmdlet<ImplementationSession, SessionFilter, SessionOrder, SessionIdentity>
{
    private readonly HashSet<string> _metSds = new(DirectiveIds.Comparer);

    /// <summary>Strategic directives whose sessions are meant, or sessions to read again: objects, ids of sessions, or rows with an Id, SdId or SdKey.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [AllowNull]
    [SessionIdentityTransformation]
    public SessionIdentity[]? InputObject { get; set; }

    /// <summary>Ids to match.</summary>
    [Parameter]
    [Alias("SessionId")]
    [ValidateNotNull]
    [NoSecretTransformation]
    public Guid[]? Id { get; set; }

    /// <summary>SD ids or keys, with wildcards.</summary>
    [Parameter]
    [Alias("SdKey")]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? SdId { get; set; }

    /// <summary>Statuses to match.</summary>
    [Parameter]
    [EnumTransformation<SessionStatus>]
    public SessionStatus[]? Status { get; set; }

    /// <summary>Implementation types to match.</summary>
    [Parameter]
    [Alias("Type")]
    [EnumTransformation<ImplementationType>("an implementation type")]
    public ImplementationType[]? ImplementationType { get; set; }

    /// <summary>Sessions that started longer ago than this.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan? OlderThan { get; set; }

    /// <summary>Goes on after this session, in the same order.</summary>
    [Parameter]
    [SessionIdentityTransformation]
    public SessionIdentity[]? ResumeAfter { get; set; }

    /// <inheritdoc/>
    private protected override string Noun => SessionVerdict.Noun;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (SessionIdentity identity in InputObject ?? [])
        {
            if (identity.Sd is { } sd)
            {
                // What came before it comes out before it.
                ReadAsked();
                Read(Filter(null) with { SdNames = Storable([sd]) }, new ReadRange(null, 0, null), collect: false);
                ReportUnknown([sd], identity.Source);
            }
            else
            {
                Ask([identity]);
            }
        }
    }

    /// <inheritdoc/>
    private protected override void ReadByParameters()
    {
        ReadSelected(Id, Place(ResumeAfter));
        ReportUnknown(Wildcard.Names(SdId), source: null);
    }

    /// <inheritdoc/>
    private protected override IAsyncEnumerable<IReadOnlyList<ReadItem<ImplementationSession>>> Stream(SessionFilter filter, ReadRange range, CancellationToken cancellationToken) =>
        Database.Sessions.ReadAsync(Query<SessionQuery>(filter, range), Context, cancellationToken);

    /// <inheritdoc/>
    private protected override SessionFilter Filter(IReadOnlyList<Guid>? ids) => new()
    {
        Ids = ids ?? Id,
        SdIds = Wildcard.Findable(SdId),
        Statuses = Status,
        Types = ImplementationType,
        OlderThan = OlderThan,
    };

    /// <inheritdoc/>
    private protected override string Line(ImplementationSession row) => SessionJson.Line(row);

    /// <inheritdoc/>
    private protected override void Notice(ImplementationSession row)
    {
        _metSds.Add(row.SdId);
        if (row.SdKey is { } key)
        {
            _metSds.Add(key);
        }
    }

    /// <summary>A directive that was named and does not exist is an error; one without sessions, or whose sessions another filter leaves out, is not.</summary>
    private void ReportUnknown(string[] named, object? source)
    {
        string[] missing = [.. named.Where(sd => !_metSds.Contains(sd))];
        if (missing.Length == 0)
        {
            return;
        }

        IReadOnlyDictionary<string, string> there = Await(token => Database.Directives.ResolveAsync(Storable(missing), Context, token));
        foreach (string sd in missing.Where(sd => !there.ContainsKey(sd)))
        {
            WriteRowError(LeoErrors.NotFound(DirectiveVerdict.Noun, sd, Database.Server.Role), source ?? sd);
        }
    }

    /// <summary>A name that no column can hold is nobody's; the server would refuse the others with it.</summary>
    private static string[] Storable(IEnumerable<string> names) => [.. names.Where(StoredText.IsStorable)];
}
