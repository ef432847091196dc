using System.Management.Automation;

namespace LeoPS.Units.Help;

/// <summary>The base class of the sample cmdlets.</summary>
public abstract class SampleCmdlet : PSCmdlet
{
    /// <summary>Inherited by every sample.</summary>
    [Parameter]
    public TimeSpan? LockTimeout { get; set; }
}
