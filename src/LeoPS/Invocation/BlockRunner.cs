using System.Management.Automation;
using System.Reflection;
using System.Runtime.ExceptionServices;
using LeoPS.Executions;

namespace LeoPS.Invocation;

/// <summary>
/// Runs a block in its caller's scope, hands on what it writes as it comes, and can be stopped from another thread at the block's next statement.
/// A nested pipeline is the one thing that PowerShell lets anybody stop without the pipeline around it.
/// </summary>
/// <param name="block">The block.</param>
/// <param name="run">Its one argument.</param>
/// <param name="sink">Takes what the block writes: objects, errors, warnings, information. What it throws stops the block, and is thrown on afterwards.</param>
/// <param name="errorsStop">True where an error that is written ends the call.</param>
internal sealed class BlockRunner(ScriptBlock block, FlowRun run, Action<object?> sink, bool errorsStop) : IDisposable
{
    /// <summary>Warnings and information come along with the output, so that they leave through this cmdlet's own streams.</summary>
    private const string Script = ". $args[0] $args[1] 3>&1 6>&1";

    private static readonly TimeSpan _notYet = TimeSpan.FromMilliseconds(20);
    private static readonly PropertyInfo? _keepPlace = typeof(ErrorRecord).GetProperty("PreserveInvocationInfoOnce", BindingFlags.Instance | BindingFlags.NonPublic);
    private readonly PowerShell _nested = PowerShell.Create(RunspaceMode.CurrentRunspace);
    private readonly object _lock = new();
    private bool _ended;

    /// <summary>Why the block was stopped; the first of several causes.</summary>
    public StopCause Cause { get; private set; }

    /// <summary>What the block failed of; null where it did not.</summary>
    public ExceptionDispatchInfo? Failure { get; private set; }

    /// <summary>What the sink threw; null where it did not.</summary>
    public ExceptionDispatchInfo? Refusal { get; private set; }

    /// <summary>The error that the block failed of, or at which it was stopped; null where there was none.</summary>
    public ErrorRecord? Error { get; private set; }

    /// <summary>Runs the block to its end, on the thread of the pipeline.</summary>
    public BlockEnd Run()
    {
        _nested.AddScript(Script, useLocalScope: false).AddArgument(block).AddArgument(run);
        using var output = new PSDataCollection<PSObject>();
        output.DataAdding += (_, added) => Take(added.ItemAdded);
        // It is out already, and a block may write for days.
        output.DataAdded += (_, _) => output.Clear();
        _nested.Streams.Error.DataAdding += (_, added) => Take(Placed((ErrorRecord)added.ItemAdded));
        _nested.Streams.Error.DataAdded += (_, _) => _nested.Streams.Error.Clear();
        try
        {
            if (Cause == StopCause.None)
            {
                _nested.Invoke<PSObject, PSObject>(null, output, new PSInvocationSettings { AddToHistory = false });
            }
        }
        catch (PipelineStoppedException)
        {
            return BlockEnd.Stopped;
        }
        catch (RuntimeException e)
        {
            Failure = ExceptionDispatchInfo.Capture(e);
            // As a catch block sees it: the record of an exception does not hold that exception.
            Error = new ErrorRecord(e.ErrorRecord, e);
            return BlockEnd.Failed;
        }
        finally
        {
            lock (_lock)
            {
                _ended = true;
            }
        }

        return _nested.InvocationStateInfo.State == PSInvocationState.Completed ? BlockEnd.Finished : BlockEnd.Stopped;
    }

    /// <summary>Stops the block at its next statement; from any thread, and at any time.</summary>
    public void Stop(StopCause cause)
    {
        lock (_lock)
        {
            if (_ended || Cause != StopCause.None)
            {
                return;
            }

            Cause = cause;
        }

        _ = Task.Run(StopAsync);
    }

    public void Dispose() => _nested.Dispose();

    /// <summary>A pipeline that has not begun cannot be stopped: until then, wait.</summary>
    private async Task StopAsync()
    {
        while (true)
        {
            lock (_lock)
            {
                if (_ended)
                {
                    return;
                }

                if (_nested.InvocationStateInfo.State == PSInvocationState.Running)
                {
                    _nested.BeginStop(null, null);
                    return;
                }
            }

            await Task.Delay(_notYet).ConfigureAwait(false);
        }
    }

    private void Take(object? item)
    {
        if (Refusal is null)
        {
            try
            {
                sink(item);
                return;
            }
#pragma warning disable CA1031 // Whatever it is, it is thrown on when the block has ended: through the block it must not go, which might catch it.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Refusal = ExceptionDispatchInfo.Capture(e);
                lock (_lock)
                {
                    if (Cause == StopCause.None)
                    {
                        Error = errorsStop ? item as ErrorRecord : null;
                        Cause = Error is not null ? StopCause.ErrorAction : e is PipelineStoppedException ? StopCause.Call : StopCause.Downstream;
                    }
                }
            }
        }

        // What ends a pipeline from within: no block catches it.
        throw new PipelineStoppedException();
    }

    /// <summary>An error as the block wrote it. Without this the engine would put our place over the block's own; there is no other way, and where this one is gone nothing else is lost.</summary>
    private static ErrorRecord Placed(ErrorRecord record)
    {
        _keepPlace?.SetValue(record, true);
        return record;
    }
}
