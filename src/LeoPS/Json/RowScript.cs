using System.Collections.ObjectModel;
using System.Management.Automation;

namespace LeoPS.Json;

/// <summary>A script block that a parameter was given, evaluated for one row after the other.</summary>
/// <param name="parameter">The parameter, for messages, such as "-InputState".</param>
/// <param name="block">The script block.</param>
internal sealed class RowScript(string parameter, ScriptBlock block)
{
    /// <summary>
    /// Runs the block with $_ set to the row. An error in it fails the row, as if $ErrorActionPreference were Stop: otherwise a value that is
    /// half computed, or none, would be stored. What ends the pipeline or a loop of the caller passes.
    /// </summary>
    /// <returns>Null for no result, the result where there is one, and a sequence of several.</returns>
    /// <exception cref="LeoException">InvalidJson where the block fails.</exception>
    public object? Evaluate(object? row)
    {
        try
        {
            var variables = new List<PSVariable> { new("_", row), new("ErrorActionPreference", ActionPreference.Stop) };
            Collection<PSObject> results = block.InvokeWithContext(null, variables);
            return results.Count switch
            {
                0 => null,
                1 => results[0],
                _ => results,
            };
        }
        catch (RuntimeException failure) when (PowerShellShape.Instance.IsFailure(failure))
        {
            throw Failed(failure.ErrorRecord?.ToString() ?? failure.Message);
        }
        catch (ScriptCallDepthException failure)
        {
            throw Failed(failure.Message);
        }
    }

    private LeoException Failed(string message) =>
        new(LeoErrorId.InvalidJson, $"The script block of {parameter} failed for this row: {message}");
}
