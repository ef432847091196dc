using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Composition;
using LeoPS.Ports;
using LeoPS.Sandbox;

namespace LeoPS.Commands;

/// <summary>Get-LeoSandbox: the sandboxes of this user, running or not.</summary>
[Cmdlet(VerbsCommon.Get, "LeoSandbox")]
[OutputType(typeof(LeoSandbox))]
public sealed class GetLeoSandboxCommand : LeoCmdlet
{
    /// <summary>The folder of one sandbox; without it all of them.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        ISandboxHost host = StorageLoader.Storage.Sandboxes;
        if (Path is null)
        {
            WriteObject(Await(host.ListAsync), enumerateCollection: true);
            return;
        }

        string path = FullPath(Path);
        if (Await(token => host.FindAsync(path, token), path) is { } sandbox)
        {
            WriteObject(sandbox);
        }
        else
        {
            WriteRowError(new LeoException(LeoErrorId.NotFound, $"{path} holds no sandbox. Start-LeoSandbox -Path makes one."), path);
        }
    }
}
