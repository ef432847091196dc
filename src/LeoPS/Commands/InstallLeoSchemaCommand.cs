using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Schema;

namespace LeoPS.Commands;

/// <summary>Install-LeoSchema: creates what is missing, in one transaction; never drops.</summary>
[Cmdlet(VerbsLifecycle.Install, "LeoSchema", SupportsShouldProcess = true)]
[OutputType(typeof(SchemaInstallReport))]
public sealed class InstallLeoSchemaCommand : DatabaseCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!ShouldProcess($"database {Database.Server.Database} as {Database.Server.Role}", "Create the LeoPS tables and what belongs to them, where missing"))
        {
            return;
        }

        SchemaInstallReport report = Await(token => Database.Schema.InstallAsync(Context, token));
        foreach (string warning in report.Warnings)
        {
            WriteWarning(warning);
        }

        WriteObject(report);
    }
}
