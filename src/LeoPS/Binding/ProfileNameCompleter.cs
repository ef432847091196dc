using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace LeoPS.Binding;

/// <summary>Completes the names of the user's profiles, from their file.</summary>
public sealed class ProfileNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string begun = wordToComplete.Trim('\'', '"');
        return ConnectionEnvironment.OfProcess().ProfileNames()
            .Where(name => name.StartsWith(begun, StringComparison.OrdinalIgnoreCase))
            .Select(name => new CompletionResult($"'{name.Replace("'", "''")}'", name, CompletionResultType.ParameterValue, $"profile {name}"));
    }
}
