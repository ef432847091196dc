using LeoPS.HelpGenerator.Metadata;

namespace LeoPS.HelpGenerator.Pages;

/// <summary>The yaml blocks under a parameter's heading.</summary>
public static class YamlBlock
{
    /// <summary>One block for each way in which the sets use the parameter.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="cmdlet">Its cmdlet.</param>
    /// <param name="defaultValue">As the page has it; null where it says nothing.</param>
    public static IReadOnlyList<string> Lines(ParameterMetadata parameter, CmdletMetadata cmdlet, string? defaultValue)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        ArgumentNullException.ThrowIfNull(cmdlet);
        var lines = new List<string>();
        foreach (var sameUse in parameter.Uses.GroupBy(use => use.Value).OrderBy(group => group.Min(use => OrderOf(cmdlet, use.Key))))
        {
            ParameterUse use = sameUse.Key;
            var sets = sameUse.Select(item => item.Key == CmdletMetadata.AllSets ? "(All)" : item.Key)
                .OrderBy(set => OrderOf(cmdlet, set))
                .ToList();
            lines.Add("```yaml");
            lines.Add($"Type: {parameter.TypeName}");
            lines.Add($"Parameter Sets: {string.Join(", ", sets)}");
            lines.Add($"Aliases: {string.Join(", ", parameter.Aliases)}".TrimEnd());
            if (parameter.AcceptedValues.Count > 0)
            {
                lines.Add($"Accepted values: {string.Join(", ", parameter.AcceptedValues)}");
            }

            lines.Add(string.Empty);
            lines.Add($"Required: {use.Mandatory}");
            lines.Add($"Position: {use.Position?.ToString() ?? "Named"}");
            lines.Add($"Default value: {defaultValue ?? StandardDefault(parameter)}");
            lines.Add($"Accept pipeline input: {use.PipelineInput}");
            lines.Add($"Accept wildcard characters: {parameter.Wildcards}");
            lines.Add("```");
            lines.Add(string.Empty);
        }

        return lines;
    }

    /// <summary>What is written where the page names no default.</summary>
    public static string StandardDefault(ParameterMetadata parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return parameter.IsSwitch ? "False" : "None";
    }

    private static int OrderOf(CmdletMetadata cmdlet, string set)
    {
        IReadOnlyList<string> sets = cmdlet.Sets;
        for (int index = 0; index < sets.Count; index++)
        {
            if (sets[index] == set)
            {
                return index;
            }
        }

        return -1;
    }
}
