using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Errors;

namespace LeoPS.Commands;

/// <summary>Test-LeoDatabase: says who and what answers, and which tables it has.</summary>
[Cmdlet(VerbsDiagnostic.Test, "LeoDatabase")]
[OutputType(typeof(DatabaseReport), typeof(bool))]
public sealed class TestLeoDatabaseCommand : DatabaseCmdlet
{
    /// <summary>Answers true or false, and writes no error.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (!Quiet)
        {
            base.BeginProcessing();
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!Quiet)
        {
            WriteObject(Await(token => Database.TestAsync(Context, token)));
            return;
        }

        try
        {
            Begin();
            DatabaseReport report = Task.Run(() => Database.TestAsync(Context, StopToken), StopToken).GetAwaiter().GetResult();
            WriteObject(report.Healthy);
        }
        catch (LeoException e)
        {
            WriteVerbose(ErrorRecords.From(e, null).ToString());
            WriteObject(false);
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }
}
