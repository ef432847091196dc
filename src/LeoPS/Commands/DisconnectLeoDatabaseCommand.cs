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
    protected override void ProcessRecord()
    {
        LeoConnection? before = ConnectionRegistry.Default;
        LeoConnection closed = Guard(() => InputObject?.Resolve() ?? before ?? throw ConnectionRegistry.NotConnected());
        ConnectionRegistry.Remove(closed, fallBack: true);
        if (closed == before)
        {
            WriteVerbose(ConnectionRegistry.Default is { } now ? $"the default connection is {now.Name} again" : "no default connection is left");
        }
    }
}
