using System.Reflection;

namespace LeoPS.Units.Shape;

/// <summary>The rules for what the assemblies show to the outside.</summary>
internal static class SurfaceRules
{
    private const BindingFlags Visible = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>A model is made by LeoPS alone: a hashtable must never turn into a new, empty row.</summary>
    public static IEnumerable<string> Model(Type type)
    {
        if (type.GetConstructors().Length > 0)
        {
            yield return $"{type.Name} has a public constructor.";
        }

        foreach (PropertyInfo property in type.GetProperties().Where(property => property.SetMethod is { IsPublic: true }))
        {
            yield return $"{type.Name}.{property.Name} can be set from outside.";
        }
    }

    /// <summary>No member that others can see has a type from such an assembly.</summary>
    /// <param name="type">The type whose members are looked at.</param>
    /// <param name="assemblyName">The simple name of the assembly.</param>
    public static IEnumerable<string> Exposes(Type type, string assemblyName) =>
        from member in type.GetMembers(Visible)
        where IsSeen(member)
        from used in Used(member)
        where Parts(used).Any(part => part.Assembly.GetName().Name == assemblyName)
        select $"{type.FullName}.{member.Name} shows {used.FullName ?? used.Name}.";

    private static bool IsSeen(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors(true).Any(IsSeen),
        EventInfo @event => IsSeen(@event.AddMethod!),
        _ => false,
    };

    private static IEnumerable<Type> Used(MemberInfo member) => member switch
    {
        MethodInfo method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType),
        ConstructorInfo constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType),
        FieldInfo field => [field.FieldType],
        PropertyInfo property => [property.PropertyType],
        EventInfo @event => [@event.EventHandlerType!],
        _ => [],
    };

    private static IEnumerable<Type> Parts(Type type)
    {
        IEnumerable<Type> inner = type.HasElementType ? [type.GetElementType()!] : type.GetGenericArguments();
        return inner.SelectMany(Parts).Append(type);
    }
}
