namespace LeoPS.HelpGenerator.Metadata;

/// <summary>One cmdlet, as its attributes declare it.</summary>
/// <param name="Verb">The verb.</param>
/// <param name="Noun">The noun.</param>
/// <param name="Type">The class.</param>
/// <param name="DefaultSet">The default parameter set; null where none is named.</param>
/// <param name="SupportsShouldProcess">-WhatIf and -Confirm exist.</param>
/// <param name="OutputTypes">Full names, in the order of the attributes.</param>
/// <param name="Parameters">In alphabetical order, -Confirm and -WhatIf last.</param>
public sealed record CmdletMetadata(
    string Verb,
    string Noun,
    Type Type,
    string? DefaultSet,
    bool SupportsShouldProcess,
    IReadOnlyList<string> OutputTypes,
    IReadOnlyList<ParameterMetadata> Parameters)
{
    /// <summary>The name the engine gives to "every set".</summary>
    public const string AllSets = "__AllParameterSets";

    /// <summary>Verb-Noun.</summary>
    public string Name => $"{Verb}-{Noun}";

    /// <summary>The sets by name, the default one first; one unnamed set where no parameter names any.</summary>
    public IReadOnlyList<string> Sets
    {
        get
        {
            var named = Parameters.SelectMany(parameter => parameter.Uses.Keys)
                .Where(set => set != AllSets)
                .Append(DefaultSet ?? AllSets)
                .Where(set => set != AllSets)
                .Distinct()
                .OrderBy(set => set != DefaultSet)
                .ThenBy(set => set, StringComparer.Ordinal)
                .ToList();
            return named.Count == 0 ? [AllSets] : named;
        }
    }

    /// <summary>The parameters of one set in the order of its syntax: by position, then the mandatory ones, then the rest.</summary>
    public IReadOnlyList<ParameterMetadata> ParametersOf(string set) =>
        Parameters.Where(parameter => parameter.UseIn(set) is not null)
            .OrderBy(parameter => parameter.UseIn(set)!.Position ?? int.MaxValue)
            .ThenBy(parameter => !parameter.UseIn(set)!.Mandatory)
            .ThenBy(parameter => parameter.IsShouldProcess)
            .ThenBy(parameter => parameter.Name, StringComparer.OrdinalIgnoreCase)
            .ToList();
}
