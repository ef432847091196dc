using System.Reflection;
using LeoPS.HelpGenerator.Metadata;

namespace LeoPS.Units.Shape;

/// <summary>The rules that every cmdlet keeps, as far as its metadata shows them. Each gives one sentence per breach.</summary>
internal static class CmdletRules
{
    private const string DatabaseCmdlet = "LeoPS.Abstractions.DatabaseCmdlet";

    // A row that is piped in must never say what is to be done with it, nor which rows are meant.
    private static readonly HashSet<string> NeverFromThePipe = new(StringComparer.OrdinalIgnoreCase)
    {
        "Status", "SdId", "SessionId", "CurrentStatus", "Id",
    };

    /// <summary>The class is sealed, public and named after the cmdlet.</summary>
    public static IEnumerable<string> Class(CmdletMetadata cmdlet)
    {
        if (!cmdlet.Type.IsSealed)
        {
            yield return $"{cmdlet.Type.Name} is not sealed.";
        }

        if (!cmdlet.Type.IsPublic)
        {
            yield return $"{cmdlet.Type.Name} is not public.";
        }

        if (cmdlet.Type.Name != $"{cmdlet.Verb}{cmdlet.Noun}Command")
        {
            yield return $"{cmdlet.Name} is implemented by {cmdlet.Type.Name}, not {cmdlet.Verb}{cmdlet.Noun}Command.";
        }
    }

    /// <summary>The verb is one that PowerShell approves.</summary>
    public static IEnumerable<string> Verb(CmdletMetadata cmdlet)
    {
        if (!ApprovedVerbs.All.Contains(cmdlet.Verb))
        {
            yield return $"{cmdlet.Name}: {cmdlet.Verb} is not an approved verb.";
        }
    }

    /// <summary>[OutputType] is there.</summary>
    public static IEnumerable<string> OutputType(CmdletMetadata cmdlet)
    {
        if (cmdlet.OutputTypes.Count == 0)
        {
            yield return $"{cmdlet.Name} has no [OutputType].";
        }
    }

    /// <summary>What writes asks first.</summary>
    public static IEnumerable<string> ShouldProcess(CmdletMetadata cmdlet)
    {
        if (Writes(cmdlet) && !cmdlet.SupportsShouldProcess)
        {
            yield return $"{cmdlet.Name} writes and does not support ShouldProcess.";
        }
    }

    /// <summary>One pipeline parameter a set at most, and it is InputObject.</summary>
    public static IEnumerable<string> Pipeline(CmdletMetadata cmdlet)
    {
        foreach (string set in cmdlet.Sets)
        {
            var piped = cmdlet.Parameters.Where(parameter => parameter.UseIn(set) is { FromPipeline: true }).Select(parameter => parameter.Name).ToList();
            if (piped.Count > 1)
            {
                yield return $"{cmdlet.Name}, set {set}: {string.Join(" and ", piped)} both take the piped object.";
            }
        }

        foreach (ParameterMetadata parameter in cmdlet.Parameters.Where(parameter => parameter.Name != "InputObject" && parameter.Uses.Values.Any(use => use.FromPipeline)))
        {
            yield return $"{cmdlet.Name} -{parameter.Name} takes the piped object; the parameter that does is called InputObject.";
        }
    }

    /// <summary>In what writes, no target and no filter binds from the pipe.</summary>
    public static IEnumerable<string> Targets(CmdletMetadata cmdlet) => Writes(cmdlet)
        ? cmdlet.Parameters
            .Where(parameter => NeverFromThePipe.Contains(parameter.Name) && parameter.Uses.Values.Any(use => use.FromPipeline || use.FromPropertyName))
            .Select(parameter => $"{cmdlet.Name} -{parameter.Name} binds from the pipe.")
        : [];

    /// <summary>What talks to a database can be told to which one, and how long to wait.</summary>
    public static IEnumerable<string> Database(CmdletMetadata cmdlet) => Database(cmdlet, DatabaseCmdlet);

    /// <summary>The same for another base class.</summary>
    public static IEnumerable<string> Database(CmdletMetadata cmdlet, string baseName) => DerivesFrom(cmdlet.Type, baseName)
        ? new[] { "Connection", "LockTimeout", "CommandTimeout" }
            .Where(name => cmdlet.Parameters.All(parameter => parameter.Name != name))
            .Select(name => $"{cmdlet.Name} has no -{name}.")
        : [];

    /// <summary>Where there are several sets, one of them is the default.</summary>
    public static IEnumerable<string> DefaultSet(CmdletMetadata cmdlet)
    {
        if (cmdlet.Sets.Count > 1 && cmdlet.DefaultSet is null)
        {
            yield return $"{cmdlet.Name} has several parameter sets and no default one.";
        }
    }

    /// <summary>What two cmdlets have in common binds alike in both. A class has one base: what cannot come from it is declared in each.</summary>
    public static IEnumerable<string> Alike(CmdletMetadata one, CmdletMetadata other) => one.Parameters
        .Where(parameter => !parameter.IsShouldProcess && other.Parameters.Any(o => o.Name == parameter.Name))
        .Where(parameter => Binding(one, parameter.Name) != Binding(other, parameter.Name))
        .Select(parameter => $"{one.Name} and {other.Name} bind -{parameter.Name} differently.");

    /// <summary>The type of a parameter, and all that transforms, checks or completes what it is given; not its place in the sets.</summary>
    private static string Binding(CmdletMetadata cmdlet, string parameter)
    {
        PropertyInfo property = cmdlet.Type.GetProperty(parameter)!;
        IEnumerable<string> attributes = property.CustomAttributes
            .Where(attribute => attribute.AttributeType.Name != "ParameterAttribute" && attribute.AttributeType.Namespace != "System.Runtime.CompilerServices")
            .Select(attribute => attribute.ToString())
            .Order(StringComparer.Ordinal);
        return string.Join(' ', attributes.Prepend(property.PropertyType.FullName!));
    }

    private static bool Writes(CmdletMetadata cmdlet) => !ApprovedVerbs.Reading.Contains(cmdlet.Verb);

    private static bool DerivesFrom(Type type, string baseName)
    {
        for (Type? at = type.BaseType; at is not null; at = at.BaseType)
        {
            if (at.FullName == baseName)
            {
                return true;
            }
        }

        return false;
    }
}
