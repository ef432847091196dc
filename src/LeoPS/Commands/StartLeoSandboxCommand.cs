using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Composition;
using LeoPS.Ports;
using LeoPS.Sandbox;

namespace LeoPS.Commands;

/// <summary>Start-LeoSandbox: starts a private PostgreSQL, installs the schema, connects.</summary>
[Cmdlet(VerbsLifecycle.Start, "LeoSandbox", SupportsShouldProcess = true)]
[OutputType(typeof(LeoSandbox))]
public sealed class StartLeoSandboxCommand : LeoCmdlet
{
    /// <summary>The sandbox's folder; without it the user's default one.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>TCP port on loopback; without it the one it had before, or any free one.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    [WholeNumberTransformation]
    public int? Port { get; set; }

    /// <summary>Puts in sample rows, where there are no handoffs yet.</summary>
    [Parameter]
    public SwitchParameter Sample { get; set; }

    /// <summary>Leaves the runspace's default connection as it is.</summary>
    [Parameter]
    public SwitchParameter NoConnect { get; set; }

    /// <summary>Lines for postgresql.conf, written when the folder is made.</summary>
    [Parameter]
    public string[] Configuration { get; set; } = [];

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        ISandboxHost host = StorageLoader.Storage.Sandboxes;
        string path = Path is null ? host.DefaultPath : FullPath(Path);
        if (!ShouldProcess(path, "Start a private PostgreSQL server"))
        {
            return;
        }

        var options = new SandboxOptions { Path = path, Port = Port, Configuration = Configuration, Log = Log };
        LeoSandbox sandbox = Await(token => host.StartAsync(options, token), path);
        ConnectionSettings settings = Guard(() => host.SettingsOf(sandbox));
        ILeoDatabase database = Await(token => StorageLoader.Storage.ConnectAsync(settings, token), path);
        var context = new CallContext(MyInvocation.MyCommand.Name, CallContext.DefaultLockTimeout, null, Log);
        Await(token => database.Schema.InstallAsync(context, token), path);
        if (Sample)
        {
            int added = Await(token => database.Schema.AddSampleAsync(context, token), path);
            WriteVerbose(added == 0 ? "there are handoffs already; no sample rows were added" : $"added {added} sample handoffs");
        }

        if (NoConnect)
        {
            Await(async _ =>
            {
                await database.DisposeAsync().ConfigureAwait(false);
                return true;
            });
        }
        else
        {
            ConnectionRegistry.Add(name: null, settings, database, explicitly: true);
        }

        WriteObject(sandbox);
    }
}
