using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Composition;
using LeoPS.Formatting;
using LeoPS.Handoffs;
using LeoPS.Readiness;
using LeoPS.Reading;

namespace LeoPS.Commands;

/// <summary>Test-HandoffPreparation: says how ready handoffs are, and all that is missing or thin in them.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HandoffPreparation")]
[OutputType(typeof(HandoffReadinessReport), typeof(bool))]
public sealed class TestHandoffPreparationCommand : DatabaseCmdlet
{
    private const int IdsPerStatement = 1000;
    private readonly List<HandoffIdentity> _waiting = [];
    private ReadinessRules _rules = null!;
    private bool _connected;

    /// <summary>The handoffs to judge: objects as they are; ids and rows with an Id as the database has them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowNull]
    [HandoffIdentityTransformation]
    public HandoffIdentity[]? InputObject { get; set; }

    /// <summary>Unit coverage, in percent, under which a handoff is blocked.</summary>
    [Parameter]
    [ValidateRange(0d, 100d)]
    [NumberTransformation]
    public decimal MinimumCoverage { get; set; } = new ReadinessRules().MinimumCoverage;

    /// <summary>Characters of the summary under which a handoff is blocked.</summary>
    [Parameter]
    [ValidateRange(0, 10_000)]
    [WholeNumberTransformation]
    public int MinimumSummaryLength { get; set; } = new ReadinessRules().MinimumSummaryLength;

    /// <summary>Finished deliverables, in percent, under which a handoff is blocked.</summary>
    [Parameter]
    [ValidateRange(0d, 100d)]
    [NumberTransformation]
    public decimal MinimumDeliverables { get; set; } = new ReadinessRules().MinimumDeliverables;

    /// <summary>Finished deliverables, in percent, under which there is a warning.</summary>
    [Parameter]
    [ValidateRange(0d, 100d)]
    [NumberTransformation]
    public decimal WarningDeliverables { get; set; } = new ReadinessRules().WarningDeliverables;

    /// <summary>Failed tests over which there is a warning.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    [WholeNumberTransformation]
    public int MaximumFailedTests { get; set; } = new ReadinessRules().MaximumFailedTests;

    /// <summary>Answers true or false for each handoff: false where it is blocked.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>Takes the thresholds, and the connection where there is one. Only what has to be read needs it.</summary>
    protected override void BeginProcessing()
    {
        if (Connection is null && ConnectionRegistry.Default is null)
        {
            Views.Load(WriteVerbose);
        }
        else
        {
            base.BeginProcessing();
            _connected = true;
        }

        _rules = new ReadinessRules
        {
            MinimumCoverage = MinimumCoverage,
            MinimumSummaryLength = MinimumSummaryLength,
            MinimumDeliverables = MinimumDeliverables,
            WarningDeliverables = WarningDeliverables,
            MaximumFailedTests = MaximumFailedTests,
        };
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (HandoffIdentity identity in InputObject ?? [HandoffIdentity.Nothing])
        {
            // What needs no reading goes straight on, unless something before it waits.
            _waiting.Add(identity);
            if (!IsBare(_waiting[0]) || _waiting.Count == IdsPerStatement)
            {
                JudgeWaiting();
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => JudgeWaiting();

    private static bool IsBare(HandoffIdentity identity) => identity is { Error: null, Row: null };

    private void JudgeWaiting()
    {
        Guid[] ids = [.. _waiting.Where(IsBare).Select(identity => identity.Id).Distinct()];
        Dictionary<Guid, ReadItem<HandoffPreparation>> read = ids.Length == 0 ? [] : Read(ids);
        foreach (HandoffIdentity identity in _waiting)
        {
            if (identity.Error is { } wrong)
            {
                WriteRowError(wrong, identity.Source);
            }
            else if (identity.Row is { } known)
            {
                Write(known);
            }
            else if (!read.TryGetValue(identity.Id, out ReadItem<HandoffPreparation> item))
            {
                WriteRowError(LeoErrors.NotFound(HandoffTransitions.Table.Noun, identity.Id.ToString(), Database.Server.Role), identity.Source);
            }
            else if (item.Error is { } unreadable)
            {
                WriteRowError(unreadable, identity.Source);
            }
            else
            {
                Write(item.Row);
            }
        }

        _waiting.Clear();
    }

    private Dictionary<Guid, ReadItem<HandoffPreparation>> Read(Guid[] ids)
    {
        if (!_connected)
        {
            Guard(Begin);
            _connected = true;
        }

        var query = new HandoffQuery { Filter = new HandoffFilter { Ids = ids } };
        return Await(async token =>
        {
            var rows = new Dictionary<Guid, ReadItem<HandoffPreparation>>(ids.Length);
            await foreach (IReadOnlyList<ReadItem<HandoffPreparation>> chunk in Database.Handoffs.ReadAsync(query, Context, token).ConfigureAwait(false))
            {
                foreach (ReadItem<HandoffPreparation> item in chunk)
                {
                    rows[item.Row.Id] = item;
                }
            }

            return rows;
        });
    }

    private void Write(HandoffPreparation handoff)
    {
        HandoffReadinessReport report = HandoffReadiness.Judge(handoff, _rules);
        if (Quiet)
        {
            WriteObject(report.Verdict != ReadinessVerdict.Blocked);
        }
        else
        {
            WriteObject(report);
        }
    }
}
