namespace LeoPS.HelpGenerator.Metadata;

/// <summary>One parameter of a cmdlet, as its attributes declare it.</summary>
/// <param name="Name">Without the dash.</param>
/// <param name="Type">The property's type, not unwrapped.</param>
/// <param name="DeclaringType">The full name of the class that declares it: the cmdlet's own or a base of it.</param>
/// <param name="Aliases">Other names, in the order of the attribute.</param>
/// <param name="AcceptedValues">The names of an enum or of a ValidateSet; empty where any value may be tried.</param>
/// <param name="Wildcards">SupportsWildcards is declared.</param>
/// <param name="Uses">By set name, <see cref="CmdletMetadata.AllSets"/> for every set.</param>
public sealed record ParameterMetadata(
    string Name,
    Type Type,
    string DeclaringType,
    IReadOnlyList<string> Aliases,
    IReadOnlyList<string> AcceptedValues,
    bool Wildcards,
    IReadOnlyDictionary<string, ParameterUse> Uses)
{
    /// <summary>The type as help shows it.</summary>
    public string TypeName => TypeNames.Short(Type);

    /// <summary>A switch is given by name alone.</summary>
    public bool IsSwitch => Type.FullName == "System.Management.Automation.SwitchParameter";

    /// <summary>-WhatIf and -Confirm: the engine's, and the same everywhere.</summary>
    public bool IsShouldProcess => ShouldProcessParameters.IsOne(Name);

    /// <summary>The use in one set; null where the parameter does not belong to it.</summary>
    public ParameterUse? UseIn(string set) =>
        Uses.TryGetValue(set, out ParameterUse? use) || Uses.TryGetValue(CmdletMetadata.AllSets, out use) ? use : null;
}
