using System.Collections.Concurrent;
using System.Management.Automation;
using System.Reflection;
using LeoPS.Changes;
using LeoPS.Composition;
using LeoPS.Errors;
using LeoPS.Formatting;
using Microsoft.PowerShell.Commands;

namespace LeoPS.Abstractions;

/// <summary>
/// Owns cancellation: Ctrl+C cancels the token, and work on other threads is awaited, so that when the prompt returns a
/// transaction has surely ended. The engine calls Dispose, and only that, where a pipeline ends early.
/// </summary>
public abstract class LeoCmdlet : ErrorBoundaryCmdlet, IDisposable
{
    private const int PumpMilliseconds = 50;

    /// <summary>Attributes are made anew each time they are asked for.</summary>
    private static readonly ConcurrentDictionary<Type, ConfirmImpact> _impacts = new();

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _log = new();
    private bool _disposed;

    /// <summary>Cancelled by Ctrl+C and at the end.</summary>
    private protected CancellationToken StopToken => _stop.Token;

    /// <summary>Sees to it that what comes out is shown well.</summary>
    protected new virtual void BeginProcessing() => Views.Load(WriteVerbose);

    /// <summary>Takes one object of the pipeline.</summary>
    protected new virtual void ProcessRecord()
    {
    }

    /// <summary>Ends the work when all objects have come.</summary>
    protected new virtual void EndProcessing()
    {
    }

    private protected sealed override void Begun() => BeginProcessing();

    private protected sealed override void Processed() => ProcessRecord();

    private protected sealed override void Ended() => EndProcessing();

    /// <summary>Cancels what is on its way.</summary>
    protected override void StopProcessing()
    {
        // Comes on a thread of its own, and may come when the call is over.
        lock (_log)
        {
            if (!_disposed)
            {
                _stop.Cancel();
            }
        }
    }

    /// <summary>Ends the call, however it came to its end.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Cancels and frees; a derived cmdlet awaits its work here.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
        {
            return;
        }

        lock (_log)
        {
            if (!_disposed)
            {
                _disposed = true;
                _stop.Cancel();
                _stop.Dispose();
            }
        }
    }

    /// <summary>Takes a verbose line from any thread; it is written when the pipeline's thread comes by.</summary>
    private protected void Log(string line) => _log.Enqueue(line);

    /// <summary>Writes the verbose lines that other threads left.</summary>
    private protected void FlushLog()
    {
        while (_log.TryDequeue(out string? line))
        {
            WriteVerbose(line);
        }
    }

    /// <summary>Runs work and waits for it, writing verbose lines meanwhile. A failure ends the cmdlet.</summary>
    private protected T Await<T>(Func<CancellationToken, Task<T>> work, object? target = null) =>
        Guard(
            () =>
            {
                Task<T> task = OnThisThread.Begin(() => work(StopToken));
                try
                {
                    while (!((IAsyncResult)task).AsyncWaitHandle.WaitOne(PumpMilliseconds))
                    {
                        FlushLog();
                    }
                }
                finally
                {
                    // Writing a line throws where the pipeline is being stopped: the work is awaited all the same.
                    if (!task.IsCompleted)
                    {
                        StopProcessing();
                        ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
                    }
                }

                FlushLog();
                return task.GetAwaiter().GetResult();
            },
            target);

    /// <summary>Runs code of the pipeline's thread: a condition of ours ends the cmdlet, a cancellation ends the pipeline.</summary>
    private protected T Guard<T>(Func<T> code, object? target = null)
    {
        try
        {
            return code();
        }
        catch (LeoException e)
        {
            FlushLog();
            ThrowTerminatingError(ErrorRecords.From(e, target));
            throw;
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>The full path of a sandbox's folder; wildcards mean themselves. A place that is not of the file system ends the cmdlet.</summary>
    private protected string FullPath(string path) => Guard(
        () =>
        {
            string full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
            return provider.Name == FileSystemProvider.ProviderName
                ? full
                : throw new LeoException(LeoErrorId.SandboxFailed, $"{path} is a place of the provider {provider.Name}, and a sandbox is a folder. Give a path of the file system.");
        },
        path);

    /// <summary>Runs code of the pipeline's thread that has no result.</summary>
    private protected void Guard(Action code) =>
        Guard(() =>
        {
            code();
            return true;
        });

    /// <summary>Says what is to be said about settings before they are used; of TLS once per process, server and mode.</summary>
    /// <exception cref="LeoException">ConnectionFailed where sslmode and root certificate cannot be used.</exception>
    private protected void WriteNotes(ConnectionSettings settings)
    {
        if (settings.UnknownKeys.Count > 0)
        {
            WriteWarning($"{settings.Source} has keys that LeoPS does not know and ignores: {string.Join(", ", settings.UnknownKeys)}.");
        }

        if (TlsPolicy.Of(settings).Warning is { } lessThanVerified && ToldOnce.IsNew(lessThanVerified))
        {
            WriteWarning(lessThanVerified);
        }

        foreach (string note in settings.Notes)
        {
            WriteVerbose(note);
        }
    }

    /// <summary>Writes a row's failure and goes on.</summary>
    private protected void WriteRowError(LeoException failure, object? target)
    {
        CountRowError();
        WriteError(ErrorRecords.From(failure, target));
    }

    /// <summary>Takes notice of a row that failed.</summary>
    private protected virtual void CountRowError()
    {
    }

    /// <summary>True where an error, written now, ends the pipeline.</summary>
    private protected bool ErrorsStop => Preference("ErrorAction", "ErrorActionPreference") is "Stop";

    /// <summary>True where a warning, written now, may end the pipeline.</summary>
    private protected bool WarningsStop => Preference("WarningAction", "WarningPreference") is "Stop" or "Inquire";

    /// <summary>True where information, written now, may end the pipeline.</summary>
    private protected bool InformationStops => Preference("InformationAction", "InformationPreference") is "Stop" or "Inquire";

    /// <summary>True under -WhatIf: nothing is written, and what would be written is announced.</summary>
    private protected bool IsRehearsal => IsOn("WhatIf") ?? LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    /// <summary>True where the user is to be told or asked before each write, so that targets have to be resolved first.</summary>
    private protected bool WillAsk
    {
        get
        {
            if (IsRehearsal)
            {
                return true;
            }

            if (IsOn("Confirm") is { } confirm)
            {
                return confirm;
            }

            return LanguagePrimitives.TryConvertTo(GetVariableValue("ConfirmPreference"), out ConfirmImpact preference)
                && preference != ConfirmImpact.None
                && preference <= _impacts.GetOrAdd(GetType(), static type => type.GetCustomAttribute<CmdletAttribute>()!.ConfirmImpact);
        }
    }

    /// <summary>True where the user gave this parameter.</summary>
    private protected bool IsBound(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    /// <summary>True where rows are piped in, or given by -InputObject, which is the same.</summary>
    private protected bool TakesInput => MyInvocation.ExpectingInput || IsBound("InputObject");

    /// <summary>A switch as bound; null where it was not given.</summary>
    private bool? IsOn(string name) =>
        MyInvocation.BoundParameters.TryGetValue(name, out object? value) ? LanguagePrimitives.IsTrue(value) : null;

    private string? Preference(string parameter, string variable) =>
        (MyInvocation.BoundParameters.TryGetValue(parameter, out object? bound) ? bound : GetVariableValue(variable))?.ToString();
}
