using System.Management.Automation;
using LeoPS.Errors;

namespace LeoPS.Abstractions;

/// <summary>
/// Stands between the engine and the cmdlets: an exception that is neither ours nor PowerShell's becomes a <see cref="LeoException"/> that holds it.
/// It is a class of its own, because one class cannot both seal the engine's methods and offer them to the cmdlets.
/// </summary>
public abstract class ErrorBoundaryCmdlet : PSCmdlet
{
    /// <inheritdoc/>
    protected sealed override void BeginProcessing() => Run(Begun);

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Run(Processed);

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => Run(Ended);

    /// <summary>The cmdlet's BeginProcessing.</summary>
    private protected abstract void Begun();

    /// <summary>The cmdlet's ProcessRecord.</summary>
    private protected abstract void Processed();

    /// <summary>The cmdlet's EndProcessing.</summary>
    private protected abstract void Ended();

    private void Run(Action part)
    {
        try
        {
            part();
        }
        catch (LeoException ours)
        {
            ThrowTerminatingError(ErrorRecords.From(ours, null));
        }
        catch (Exception unexpected) when (!IsOfPowerShell(unexpected) && unexpected is not OutOfMemoryException)
        {
            ThrowTerminatingError(ErrorRecords.From(LeoErrors.Unexpected(MyInvocation.MyCommand.Name, unexpected), null));
        }
    }

    /// <summary>True for what ends a pipeline, a loop or a script, and for errors that have their record: all of these are the engine's own types.</summary>
    private static bool IsOfPowerShell(Exception exception) =>
        exception is IContainsErrorRecord or PipelineStoppedException || exception.GetType().Assembly == typeof(PSObject).Assembly;
}
