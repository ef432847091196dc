using System.Management.Automation;

namespace LeoPS.Units.Help;

/// <summary>A cmdlet with one unnamed parameter set. Only its metadata is read.</summary>
[Cmdlet(VerbsCommon.Get, "Sample")]
[OutputType(typeof(string))]
public sealed class GetSampleCommand : SampleCmdlet
{
    [Parameter(Position = 0)]
    public string[]? Name { get; set; }
}
