using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Composition;

namespace LeoPS.Commands;

/// <summary>Disconnect-LeoDatabase: closes a connection.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "LeoDatabase")]
[OutputType(typeof(void))]
public sealed class DisconnectLeoDatabaseCommand : LeoCmdlet
{
    /// <summary>The connection, or its name; without it the runspace's default.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Connection")]
    [ConnectionTransformation]
    [ArgumentCompleter(typeof(ConnectionNameCompleter))]
    public ConnectionArgument? InputObject { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => ConnectionRegistry.Remove(Guard(() =>
        InputObject is not null
            ? InputObject.Resolve()
            : ConnectionRegistry.Default ?? throw LeoErrors.NotConnected(ConnectionRegistry.EverConnected)));
}
