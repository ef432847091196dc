using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Schema;

namespace LeoPS.Commands;

/// <summary>Install-LeoSchema: creates what is missing, in one transaction; never drops.</summary>
[Cmdlet(VerbsLifecycle.Install, "LeoSchema", SupportsShouldProcess = true)]
[OutputType(typeof(SchemaInstallReport))]
public sealed class InstallLeoSchemaCommand : DatabaseCmdlet
{
    /// <summary>Also makes the history of status changes, filled by triggers from then on.</summary>
    [Parameter]
    public SwitchParameter WithHistory { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        string what = WithHistory
            ? "Create the LeoPS tables, what belongs to them, and the history of status changes, where missing"
            : "Create the LeoPS tables and what belongs to them, where missing";
        if (!ShouldProcess($"database {Database.Server.Database} as {Database.Server.Role}", what))
        {
            return;
        }

        SchemaInstallReport report = Await(token => WithHistory
            ? Database.Schema.InstallWithHistoryAsync(Context, token)
            : Database.Schema.InstallAsync(Context, token));
        foreach (string warning in report.Warnings)
        {
            WriteWarning(warning);
        }

        WriteObject(report);
    }
}
