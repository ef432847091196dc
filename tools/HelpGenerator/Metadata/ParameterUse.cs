namespace LeoPS.HelpGenerator.Metadata;

/// <summary>How one parameter takes part in one parameter set.</summary>
/// <param name="Mandatory">The set cannot be used without it.</param>
/// <param name="Position">Counted from 0; null where it must be named.</param>
/// <param name="FromPipeline">Takes the piped object itself.</param>
/// <param name="FromPropertyName">Takes the property of this name of the piped object.</param>
/// <param name="FromRemaining">Takes the arguments that are left over.</param>
public sealed record ParameterUse(bool Mandatory, int? Position, bool FromPipeline, bool FromPropertyName, bool FromRemaining)
{
    /// <summary>The words that help files use for the two pipeline flags.</summary>
    public string PipelineInput => (FromPipeline, FromPropertyName) switch
    {
        (true, true) => "True (ByPropertyName, ByValue)",
        (true, false) => "True (ByValue)",
        (false, true) => "True (ByPropertyName)",
        _ => "False",
    };
}
