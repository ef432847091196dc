using System.Management.Automation;

namespace LeoPS.Units.Help;

/// <summary>A cmdlet with one of everything that help shows. Only its metadata is read.</summary>
[Cmdlet(VerbsCommon.Set, "Sample", DefaultParameterSetName = "InputObject", SupportsShouldProcess = true)]
[OutputType(typeof(LeoException), typeof(string))]
[OutputType("LeoPS.Summary")]
public sealed class SetSampleCommand : SampleCmdlet
{
    [Parameter(Mandatory = true, Position = 0)]
    public HandoffStatus Status { get; set; }

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "InputObject")]
    public object[] InputObject { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "Id")]
    public Guid[] Id { get; set; } = [];

    [Parameter(Position = 1, ParameterSetName = "Id")]
    [Parameter(ParameterSetName = "InputObject", ValueFromPipelineByPropertyName = true)]
    [Alias("Text", "Memo")]
    [SupportsWildcards]
    public string? Note { get; set; }

    [Parameter]
    [ValidateSet("Low", "High")]
    public string? Level { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter(DontShow = true)]
    public string? Hidden { get; set; }

    public string? NoParameter { get; set; }
}
