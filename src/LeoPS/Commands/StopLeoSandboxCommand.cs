using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Composition;
using LeoPS.Ports;
using LeoPS.Sandbox;

namespace LeoPS.Commands;

/// <summary>Stop-LeoSandbox: stops a private server, and with -Remove deletes its folder.</summary>
[Cmdlet(VerbsLifecycle.Stop, "LeoSandbox", DefaultParameterSetName = "InputObject", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class StopLeoSandboxCommand : LeoCmdlet
{
    /// <summary>The sandbox; without it the user's default one.</summary>
    [Parameter(ValueFromPipeline = true, ParameterSetName = "InputObject")]
    [NoSecretTransformation]
    public LeoSandbox? InputObject { get; set; }

    /// <summary>The sandbox's folder.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path")]
    public string Path { get; set; } = "";

    /// <summary>Deletes the folder with everything in it.</summary>
    [Parameter]
    public SwitchParameter Remove { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // An empty variable is not the default sandbox, whose data would be gone.
        if (InputObject is null && (IsBound(nameof(InputObject)) || MyInvocation.ExpectingInput))
        {
            WriteRowError(new LeoException(LeoErrorId.InvalidIdentity, "An empty value is no sandbox. Give one of Get-LeoSandbox or its -Path, or nothing for the default one."), null);
            return;
        }

        ISandboxHost host = StorageLoader.Storage.Sandboxes;
        string path = ParameterSetName == "Path" ? FullPath(Path) : InputObject?.Path ?? host.DefaultPath;
        if (!ShouldProcess(path, Remove ? "Stop the private PostgreSQL server and delete its data" : "Stop the private PostgreSQL server"))
        {
            return;
        }

        LeoSandbox? sandbox = Await(token => host.FindAsync(path, token), path);
        foreach (LeoConnection connection in ConnectionRegistry.All.Where(c => c.Source == "sandbox" && sandbox is not null && c.Port == sandbox.Port))
        {
            // The default before it may be another database, which no command meant for the sandbox should meet.
            ConnectionRegistry.Remove(connection, fallBack: false);
        }

        Await(
            async token =>
            {
                await host.StopAsync(path, Remove, token).ConfigureAwait(false);
                return true;
            },
            path);
    }
}
