using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Composition;
using LeoPS.Errors;
using LeoPS.Ports;

namespace LeoPS.Commands;

/// <summary>Invoke-LeoTransaction: what the block's cmdlets do is committed as one, or not at all.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "LeoTransaction", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(object))]
public sealed class InvokeLeoTransactionCommand : DatabaseCmdlet
{
    private ILeoTransaction? _transaction;
    private RunspaceTransaction? _entered;

    /// <summary>What is to be done as one.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [NoSecretTransformation]
    public ScriptBlock ScriptBlock { get; set; } = null!;

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (RunspaceTransaction.Find(UsedConnection) is not null)
        {
            ThrowTerminatingError(ErrorRecords.From(LeoErrors.NestedTransaction(), UsedConnection));
        }

        if (!ShouldProcess($"database {Database.Server.Database} as {Database.Server.Role}", "Run the block in a transaction"))
        {
            return;
        }

        _transaction = Await(token => Database.BeginAsync(token));
        _entered = RunspaceTransaction.Enter(UsedConnection, _transaction);
        Collection<PSObject> output;
        try
        {
            // By way of a script: only that form sends the block's errors down this cmdlet's own stream.
            output = InvokeCommand.InvokeScript(". $args[0]", useNewScope: false, PipelineResultTypes.Error, input: null, ScriptBlock);
        }
        catch (Exception e) when (e.GetType().Name is "BreakException" or "ContinueException" or "ExitException")
        {
            // No error of anybody's, so nothing else would say it. The types are not public in every PowerShell.
            WriteWarning("The block was left by break, continue or exit, and what it did was rolled back. Leave it with return to keep it, or with throw to take it back.");
            throw;
        }
        finally
        {
            // A throw, Ctrl+C: nothing after this is part of it, and Dispose takes it back.
            _entered.Leave();
        }

        if (_entered.RowErrors > 0 && !ErrorsContinue)
        {
            Await(_ => RollbackAsync());
            ThrowTerminatingError(ErrorRecords.From(LeoErrors.TransactionRolledBack(_entered.RowErrors), null));
        }

        Await(_ => CommitAsync());
        // Nothing comes out before it lasts.
        WriteObject(output, enumerateCollection: true);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _entered?.Leave();
            if (_transaction is { } open)
            {
                _transaction = null;
                Task.Run(async () => await open.DisposeAsync().ConfigureAwait(false))
                    .WaitAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
            }
        }

        base.Dispose(disposing);
    }

    /// <summary>True where the user said that rows that fail do not keep the others from lasting.</summary>
    private bool ErrorsContinue =>
        MyInvocation.BoundParameters.TryGetValue("ErrorAction", out object? action) && action?.ToString() is "Continue" or "SilentlyContinue" or "Ignore";

    private async Task<bool> CommitAsync()
    {
        await _transaction!.CommitAsync().ConfigureAwait(false);
        return true;
    }

    private async Task<bool> RollbackAsync()
    {
        await _transaction!.RollbackAsync().ConfigureAwait(false);
        return true;
    }
}
