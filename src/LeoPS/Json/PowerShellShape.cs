using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Management.Automation.Language;
using System.Reflection;

namespace LeoPS.Json;

/// <summary>
/// What PowerShell knows of a value. An object counts by its properties where it was made to hold data: a PSCustomObject, an object from a
/// job or another session, one of a PowerShell class, one of ours. A wrapped value counts itself; notes on it, as Get-Content adds, do not.
/// </summary>
internal sealed class PowerShellShape : IObjectShape
{
    private static readonly Assembly Models = typeof(LeoException).Assembly;

    /// <summary>There is nothing to tell two of them apart.</summary>
    public static PowerShellShape Instance { get; } = new();

    /// <inheritdoc/>
    public object? Unwrap(object? value)
    {
        if (ReferenceEquals(value, AutomationNull.Value) || value is NullString)
        {
            return null;
        }

        object? bare = value is PSObject wrapped ? Unwrap(wrapped) : value;
        return bare is SwitchParameter flag ? flag.IsPresent : bare;
    }

    /// <inheritdoc/>
    public IEnumerable<ObjectMember>? MembersOf(object value)
    {
        if (value is PSObject custom)
        {
            return Read(custom);
        }

        // Classes of PowerShell are compiled in memory.
        Assembly assembly = value.GetType().Assembly;
        return assembly.IsDynamic || assembly == Models ? Read(PSObject.AsPSObject(value)) : null;
    }

    /// <inheritdoc/>
    public bool IsFailure(Exception error)
    {
        // A property of a script wraps what ended it.
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is PipelineStoppedException or PipelineClosedException or FlowControlException or HaltCommandException)
            {
                return false;
            }
        }

        return true;
    }

    private static object Unwrap(PSObject wrapped) => wrapped.BaseObject switch
    {
        // It has no value apart from its properties.
        PSCustomObject => wrapped,
        // An enum from another session is a number that still knows its name.
        ValueType when wrapped.TypeNames.Contains("Deserialized.System.Enum") => wrapped.ToString(),
        var bare => bare,
    };

    /// <summary>Properties of the object, and those that were added to this very one; not those that a type file adds to all of its type.</summary>
    private static IEnumerable<ObjectMember> Read(PSObject value) => value.Properties
        .Where(property => property.IsGettable && (property.IsInstance || property.MemberType is PSMemberTypes.NoteProperty or PSMemberTypes.Property))
        .Select(property => new ObjectMember(property.Name, () => property.Value));
}
