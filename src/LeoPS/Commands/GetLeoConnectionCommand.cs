using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Composition;
using LeoPS.Text;

namespace LeoPS.Commands;

/// <summary>Get-LeoConnection: lists the connections of this process.</summary>
[Cmdlet(VerbsCommon.Get, "LeoConnection")]
[OutputType(typeof(LeoConnection))]
public sealed class GetLeoConnectionCommand : LeoCmdlet
{
    /// <summary>Names, with wildcards.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ConnectionNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Only the default of this runspace.</summary>
    [Parameter]
    public SwitchParameter Default { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        IEnumerable<LeoConnection> connections = Default
            ? ConnectionRegistry.Default is { } own ? [own] : []
            : ConnectionRegistry.All;
        foreach (string name in Name ?? ["*"])
        {
            // PowerShell's own refusal has no id and says nothing of what is wrong.
            _ = Guard(() => Wildcard.ToRegex(name), name);
            var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
            LeoConnection[] matches = [.. connections.Where(c => pattern.IsMatch(c.Name))];
            if (matches.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                string shown = Redaction.Redact(name);
                WriteRowError(new LeoException(LeoErrorId.NotFound, $"No connection of this process is named '{shown}'."), shown);
            }

            WriteObject(matches, enumerateCollection: true);
        }
    }
}
