using System.Management.Automation;
using LeoPS.Changes;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Sessions;
using LeoPS.Text;

namespace LeoPS.Commands;

/// <summary>New-ImplementationSession: begins implementation sessions of strategic directives and returns them.</summary>
[Cmdlet(VerbsCommon.New, "ImplementationSession", DefaultParameterSetName = SdSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ImplementationSession))]
public sealed class NewImplementationSessionCommand : CreationCmdlet<ImplementationSession>
{
    private const string SdSet = "SdId";
    private const string InputSet = "InputObject";

    /// <summary>Strategic directives: objects, ids, keys, or rows with an SdId, SdKey or Id, which may bring an ImplementationType.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    [DirectiveIdentityTransformation]
    public DirectiveIdentity[]? InputObject { get; set; }

    /// <summary>Ids or keys of the directives.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = SdSet)]
    [Alias("SdKey")]
    [AllowEmptyString]
    public string[] SdId { get; set; } = [];

    /// <summary>What is implemented.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = SdSet)]
    [Parameter(ParameterSetName = InputSet)]
    [Alias("Type")]
    [EnumTransformation<ImplementationType>("an implementation type")]
    public ImplementationType? ImplementationType { get; set; }

    /// <summary>The status; Active without it.</summary>
    [Parameter]
    [EnumTransformation<SessionStatus>]
    public SessionStatus? Status { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == SdSet)
        {
            Array.ForEach(SdId, sd => Begin(() => new NewSession { Sd = NewSession.Single(sd) }, null, sd));
            return;
        }

        foreach (DirectiveIdentity identity in InputObject ?? [DirectiveIdentity.Nothing])
        {
            Begin(() => identity.Error is { } error ? throw error : new NewSession { Sd = identity.Sd }, identity.Columns, identity.Source);
        }
    }

    private void Begin(Func<NewSession> named, PipedRow? columns, object? source)
    {
        NewSession session;
        try
        {
            session = (named() with
            {
                ImplementationType = ImplementationType ?? ColumnValue.Name<ImplementationType>(nameof(ImplementationType), columns?[nameof(ImplementationType)]),
                // Never the row's own: it may be the directive's.
                Status = Status ?? SessionStatus.Active,
                AdditionalColumns = AdditionalFor(source),
                Source = source,
            }).Check();
        }
        catch (LeoException refusal)
        {
            WriteRowError(refusal, source);
            return;
        }

        string target = $"strategic directive {session.Sd}";
        if (WillAsk)
        {
            ActiveSessions active = Await(token => Database.Sessions.FindActiveAsync([session.Sd], Context, token))[0];
            if (SessionVerdict.Obstacle(session, active, Database.Server.Role) is { } obstacle)
            {
                WriteRowError(obstacle, source);
                return;
            }

            target = $"strategic directive {active.Label}, '{LeoErrors.Short(active.SdTitle ?? "")}'";
        }

        // The directive is named; its id is the server's to find.
        NewColumn[] known = [.. session.Columns.Where(c => c.Name != "sd_id")];
        if (!IsForbidden(Planned(SessionVerdict.Noun, known, session.AdditionalColumns), source) && ShouldProcess(target, $"Create an implementation session, {session.ImplementationType}, {session.Status}"))
        {
            Create(token => Database.Sessions.CreateAsync(session, Context, token), source);
        }
    }
}
