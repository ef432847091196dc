namespace LeoPS.HelpGenerator.Metadata;

/// <summary>Types as help pages write them.</summary>
public static class TypeNames
{
    /// <summary>The name without its namespace; arrays as T[], a nullable as what it holds.</summary>
    public static string Short(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (type.IsArray)
        {
            return Short(type.GetElementType()!) + "[]";
        }

        if (!type.IsGenericType)
        {
            return type.Name;
        }

        if (type.GetGenericTypeDefinition() == typeof(Nullable<>))
        {
            return Short(type.GetGenericArguments()[0]);
        }

        string name = type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)];
        return $"{name}[{string.Join(',', type.GetGenericArguments().Select(Short))}]";
    }

    /// <summary>What one value of the type is: the element of an array, the value of a nullable.</summary>
    public static Type Element(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        Type element = type.IsArray ? type.GetElementType()! : type;
        return Nullable.GetUnderlyingType(element) ?? element;
    }
}
