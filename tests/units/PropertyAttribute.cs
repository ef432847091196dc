namespace LeoPS.Units;

/// <summary>FsCheck's property with the seed of <see cref="RandomCases"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PropertyAttribute : FsCheck.Xunit.PropertyAttribute
{
    public PropertyAttribute() => Replay = RandomCases.Replay;
}
