using System.Management.Automation;

namespace LeoPS.Binding;

/// <summary>Binds -Connection from a connection, its name, or anything else, which is then refused with advice.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConnectionTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            LeoConnection connection => ConnectionArgument.Of(connection),
            ConnectionArgument argument => argument,
            string name => ConnectionArgument.Named(name),
            PSCustomObject when PSObject.AsPSObject(inputData).TypeNames.Contains("Deserialized.LeoPS.LeoConnection") => ConnectionArgument.Unusable("A deserialized LeoConnection"),
            null => ConnectionArgument.Unusable("An empty value"),
            _ => ConnectionArgument.Unusable(LeoErrors.Capital(LeoErrors.WithArticle(value.GetType().Name))),
        };
    }
}
