using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using LeoPS.Composition;

namespace LeoPS.Binding;

/// <summary>Completes the names of open connections, from memory.</summary>
public sealed class ConnectionNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string begun = wordToComplete.Trim('\'', '"');
        return ConnectionRegistry.All
            .Where(c => c.Name.StartsWith(begun, StringComparison.OrdinalIgnoreCase))
            .Select(c => new CompletionResult(
                $"'{c.Name.Replace("'", "''")}'", c.Name, CompletionResultType.ParameterValue, $"{c.UserName} on {c.HostName}:{c.Port}, database {c.Database}"));
    }
}
