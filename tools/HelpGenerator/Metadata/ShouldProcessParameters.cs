using System.Management.Automation;

namespace LeoPS.HelpGenerator.Metadata;

/// <summary>The two parameters that SupportsShouldProcess adds.</summary>
public static class ShouldProcessParameters
{
    private static readonly IReadOnlyDictionary<string, ParameterUse> Everywhere =
        new Dictionary<string, ParameterUse> { [CmdletMetadata.AllSets] = new(false, null, false, false, false) };

    /// <summary>Both, in the order in which pages list them.</summary>
    public static IReadOnlyList<ParameterMetadata> All { get; } =
    [
        new("Confirm", typeof(SwitchParameter), typeof(Cmdlet).FullName!, ["cf"], [], false, Everywhere),
        new("WhatIf", typeof(SwitchParameter), typeof(Cmdlet).FullName!, ["wi"], [], false, Everywhere),
    ];

    /// <summary>Whether this is the name of one of them.</summary>
    public static bool IsOne(string name) => name is "Confirm" or "WhatIf";

    /// <summary>The text that a page gets for one of them.</summary>
    public static string Text(string name) => name == "Confirm"
        ? "Prompts you for confirmation before running the cmdlet."
        : "Shows what would happen if the cmdlet runs. The cmdlet is not run.";
}
