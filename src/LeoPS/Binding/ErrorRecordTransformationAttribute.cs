using System.Management.Automation;

namespace LeoPS.Binding;

/// <summary>Binds an error record from itself or from an exception, which is what a catch block or a .NET call has.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ErrorRecordTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            ErrorRecord record => record,
            // What an exception contains stands for it by a placeholder; the record is to say what was thrown.
            Exception thrown and IContainsErrorRecord { ErrorRecord: { } contained } => new ErrorRecord(contained, thrown),
            Exception exception => new ErrorRecord(exception, exception.GetType().Name, ErrorCategory.NotSpecified, null),
            _ => throw new ArgumentTransformationMetadataException("It is no error record. Give $_ of a catch block, an element of $Error, or an exception; a text goes to -ErrorMessage."),
        };
    }
}
