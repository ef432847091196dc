using System.Collections;
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
/// <param name="why">Why the sink refused an item, the call not being stopped, and the error that the block failed of by that; null for none.</param>
/// <param name="language">
/// The language mode of the caller's session. In a constrained one PowerShell lets no script of ours into the caller's scope: there the block has a
/// scope of its own.
/// </param>
internal sealed class BlockRunner(
    ScriptBlock block, FlowRun run, Action<object?> sink, Func<object?, (StopCause Cause, ErrorRecord? Error)> why, PSLanguageMode language) : IDisposable
{
    /// <summary>
    /// Warnings and information come along with the output, so that they leave through this cmdlet's own streams. Within a try a statement that fails
    /// ends the block, as it would in a try of the caller, which a nested pipeline does not know of: a run must not complete over an exception. It is
    /// kept and not thrown on, since a preference of SilentlyContinue passes over a throw; by a hashtable, which a constrained language allows.
    /// </summary>
    private const string Script = "try { . $args[0] $args[1] 3>&1 6>&1 } catch { $args[2].Error = $_ }";

    private static readonly TimeSpan _notYet = TimeSpan.FromMilliseconds(20);
    private static readonly PropertyInfo? _keepPlace = typeof(ErrorRecord).GetProperty("PreserveInvocationInfoOnce", BindingFlags.Instance | BindingFlags.NonPublic);
    private readonly PowerShell _nested = PowerShell.Create(RunspaceMode.CurrentRunspace);
    private readonly object _lock = new();
    private readonly Queue<object?> _late = new();
    private bool _passing;
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
        BlockEnd end = RunNested();
        while (Cause is StopCause.Timeout or StopCause.Over or StopCause.Budget && Refusal is null && _late.TryDequeue(out object? item))
        {
            Pass(item);
        }

        return end;
    }

    private BlockEnd RunNested()
    {
        var caught = new Hashtable();
        _nested.AddScript(Script, useLocalScope: language != PSLanguageMode.FullLanguage).AddArgument(block).AddArgument(run).AddArgument(caught);
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
            // As a catch block sees it: the record of an exception does not hold that exception.
            Fail(new ErrorRecord(e.ErrorRecord, e));
            return BlockEnd.Failed;
        }
        finally
        {
            lock (_lock)
            {
                _ended = true;
            }
        }

        if (_nested.InvocationStateInfo.State != PSInvocationState.Completed)
        {
            return BlockEnd.Stopped;
        }

        if ((caught["Error"] is PSObject wrapped ? wrapped.BaseObject : caught["Error"]) is not ErrorRecord error)
        {
            return BlockEnd.Finished;
        }

        Fail(error);
        return BlockEnd.Failed;
    }

    /// <summary>Keeps what the block failed of: what a method threw, and for the caller the very exception where it has the record's id.</summary>
    private void Fail(ErrorRecord record)
    {
        Error = record.Exception is MethodInvocationException { InnerException: { } thrown } called ? new ErrorRecord(called.ErrorRecord, thrown) : record;
        RuntimeException failure = record.Exception is RuntimeException known && known.ErrorRecord.FullyQualifiedErrorId == record.FullyQualifiedErrorId
            ? known
            : new RuntimeException(record.Exception.Message, record.Exception, record);
        // As the block's own throw: otherwise the engine would put our name and place over the error's.
        failure.WasThrownFromThrowStatement = true;
        Failure = ExceptionDispatchInfo.Capture(failure);
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

    /// <summary>
    /// A pipeline that has not begun cannot be stopped: until then, wait. And while somebody takes what the block wrote, the scripts behind it
    /// would be stopped with it, and the caller's own with them.
    /// </summary>
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

                if (!_passing && _nested.InvocationStateInfo.State == PSInvocationState.Running)
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
        if (Refusal is not null)
        {
            // A finally that writes on its way out: nobody wants it, and it is to come to its end.
            return;
        }

        lock (_lock)
        {
            _passing = Cause == StopCause.None;
        }

        if (!_passing)
        {
            // From a block that is being stopped nothing can be handed on before it has ended.
            _late.Enqueue(item);
            return;
        }

        bool passed = Pass(item);
        lock (_lock)
        {
            _passing = false;
            if (passed && Cause == StopCause.None)
            {
                return;
            }

            // From here it unwinds by itself; a stop beside that could meet what is just being disposed of.
            _ended = true;
        }

        // What ends a pipeline from within: no block catches it.
        throw new PipelineStoppedException();
    }

    /// <returns>False where it was refused.</returns>
    private bool Pass(object? item)
    {
        try
        {
            sink(item);
            return true;
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
                    // Whoever stops the call stops the block first, then what takes its output, and our cmdlet last.
                    (Cause, Error) = _nested.InvocationStateInfo.State == PSInvocationState.Stopping ? (StopCause.Call, null) : why(item);
                }
            }

            return false;
        }
    }

    /// <summary>An error as the block wrote it. Without this the engine would put our place over the block's own; there is no other way, and where this one is gone nothing else is lost.</summary>
    private static ErrorRecord Placed(ErrorRecord record)
    {
        _keepPlace?.SetValue(record, true);
        return record;
    }
}
