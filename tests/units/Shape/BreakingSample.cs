using System.Management.Automation;

namespace LeoPS.Units.Shape;

/// <summary>Breaks every rule that a class alone can break. Only its metadata is read.</summary>
[Cmdlet("Change", "Everything")]
public class BreakingSample : PSCmdlet
{
    [Parameter(ValueFromPipeline = true, ParameterSetName = "A")]
    public object? First { get; set; }

    [Parameter(ValueFromPipeline = true, ParameterSetName = "A")]
    public object? Second { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Status { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = "B")]
    public Guid[] Id { get; set; } = [];
}
