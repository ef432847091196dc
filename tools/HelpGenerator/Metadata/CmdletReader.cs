using System.Reflection;

namespace LeoPS.HelpGenerator.Metadata;

/// <summary>Reads cmdlets from their metadata. No attribute and no cmdlet is ever instantiated, so that the reference assembly of PowerShell is enough.</summary>
public static class CmdletReader
{
    private const string Automation = "System.Management.Automation.";

    /// <summary>Every cmdlet class of an assembly, by name.</summary>
    public static IReadOnlyList<CmdletMetadata> ReadAll(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        return assembly.GetTypes()
            .Where(type => !type.IsAbstract && Find(type, "CmdletAttribute") is not null)
            .Select(Read)
            .OrderBy(cmdlet => cmdlet.Name, StringComparer.Ordinal)
            .ToList();
    }

    /// <summary>One cmdlet class.</summary>
    /// <exception cref="ArgumentException">The class has no [Cmdlet].</exception>
    public static CmdletMetadata Read(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        CustomAttributeData cmdlet = Find(type, "CmdletAttribute")
            ?? throw new ArgumentException($"{type.FullName} has no [Cmdlet] attribute.", nameof(type));
        bool shouldProcess = Named(cmdlet, "SupportsShouldProcess", false);
        var parameters = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => All(property, "ParameterAttribute").Any())
            .Select(ReadParameter)
            .OfType<ParameterMetadata>()
            .OrderBy(parameter => parameter.Name, StringComparer.OrdinalIgnoreCase)
            .Concat(shouldProcess ? ShouldProcessParameters.All : [])
            .ToList();
        return new CmdletMetadata(
            (string)cmdlet.ConstructorArguments[0].Value!,
            (string)cmdlet.ConstructorArguments[1].Value!,
            type,
            Named<string?>(cmdlet, "DefaultParameterSetName", null),
            shouldProcess,
            All(type, "OutputTypeAttribute").SelectMany(OutputNames).Distinct().ToList(),
            parameters);
    }

    private static ParameterMetadata? ReadParameter(PropertyInfo property)
    {
        var uses = All(property, "ParameterAttribute")
            .Where(attribute => !Named(attribute, "DontShow", false))
            .ToDictionary(
                attribute => Named(attribute, "ParameterSetName", CmdletMetadata.AllSets),
                ReadUse);
        return uses.Count == 0
            ? null
            : new ParameterMetadata(
                property.Name,
                property.PropertyType,
                property.DeclaringType!.FullName!,
                Strings(property, "AliasAttribute"),
                AcceptedValues(property),
                Find(property, "SupportsWildcardsAttribute") is not null,
                uses);
    }

    private static ParameterUse ReadUse(CustomAttributeData attribute)
    {
        int position = Named(attribute, "Position", int.MinValue);
        return new ParameterUse(
            Named(attribute, "Mandatory", false),
            position == int.MinValue ? null : position,
            Named(attribute, "ValueFromPipeline", false),
            Named(attribute, "ValueFromPipelineByPropertyName", false),
            Named(attribute, "ValueFromRemainingArguments", false));
    }

    private static IReadOnlyList<string> AcceptedValues(PropertyInfo property)
    {
        List<string> set = Strings(property, "ValidateSetAttribute");
        Type element = TypeNames.Element(property.PropertyType);
        return set.Count > 0 || !element.IsEnum ? set : element.GetEnumNames();
    }

    private static IEnumerable<string> OutputNames(CustomAttributeData attribute) =>
        attribute.ConstructorArguments.SelectMany(Flatten).Select(value => value is Type type ? type.FullName! : (string)value);

    private static List<string> Strings(MemberInfo member, string attributeName) =>
        All(member, attributeName)
            .SelectMany(attribute => attribute.ConstructorArguments)
            .SelectMany(Flatten)
            .OfType<string>()
            .ToList();

    private static IEnumerable<object> Flatten(CustomAttributeTypedArgument argument) => argument.Value switch
    {
        null => [],
        IEnumerable<CustomAttributeTypedArgument> many => many.SelectMany(Flatten),
        object one => [one],
    };

    private static T Named<T>(CustomAttributeData attribute, string name, T otherwise)
    {
        CustomAttributeNamedArgument found = attribute.NamedArguments.FirstOrDefault(argument => argument.MemberName == name);
        return found.MemberInfo is null ? otherwise : (T)found.TypedValue.Value!;
    }

    private static CustomAttributeData? Find(MemberInfo member, string name) => All(member, name).FirstOrDefault();

    private static IEnumerable<CustomAttributeData> All(MemberInfo member, string name) =>
        member.CustomAttributes.Where(attribute => attribute.AttributeType.FullName == Automation + name);
}
