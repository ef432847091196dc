using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using LeoPS.Commands;
using LeoPS.Composition;
using LeoPS.Ports;

namespace LeoPS.Tests;

/// <summary>A PowerShell runspace in this process with the cmdlets of LeoPS.dll, and nothing of the packaged module.</summary>
internal sealed class CmdletSession : IDisposable
{
    private static int _count;
    private readonly Runspace _runspace;
    private LeoConnection? _connection;

    public CmdletSession()
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        foreach (Type type in typeof(SetHandoffStatusCommand).Assembly.GetExportedTypes())
        {
            if (type.GetCustomAttribute<CmdletAttribute>() is { } cmdlet)
            {
                state.Commands.Add(new SessionStateCmdletEntry($"{cmdlet.VerbName}-{cmdlet.NounName}", type, null));
            }
        }

        _runspace = RunspaceFactory.CreateRunspace(state);
        _runspace.Open();
    }

    /// <summary>Makes a database the session's default connection. It is closed with the session.</summary>
    public void Connect(ConnectionSettings settings, ILeoDatabase database)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"cmdlets-{Interlocked.Increment(ref _count)}");
        InRunspace(() => _connection = ConnectionRegistry.Add(name, settings, database, explicitly: true));
    }

    /// <summary>Sets a variable of the session.</summary>
    public void Set(string name, object? value) => _runspace.SessionStateProxy.SetVariable(name, value);

    /// <summary>Runs a script; what it writes to each stream is in the result. A terminating error is the last of the errors.</summary>
    public CmdletResult Run(string script)
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        Collection<PSObject> output = [];
        shell.AddScript(script);
        List<ErrorRecord> thrown = [];
        try
        {
            shell.Invoke(null, output);
        }
        catch (RuntimeException e)
        {
            thrown.Add(e.ErrorRecord);
        }

        return new CmdletResult(
            [.. output],
            [.. shell.Streams.Error, .. thrown],
            [.. shell.Streams.Verbose.Select(v => v.Message)],
            [.. shell.Streams.Warning.Select(w => w.Message)]);
    }

    public void Dispose()
    {
        if (_connection is not null)
        {
            InRunspace(() => ConnectionRegistry.Remove(_connection, fallBack: false));
        }

        _runspace.Dispose();
    }

    /// <summary>The registry keeps a default connection for each runspace, and finds the runspace by the thread.</summary>
    private void InRunspace(Action action)
    {
        Runspace? before = Runspace.DefaultRunspace;
        Runspace.DefaultRunspace = _runspace;
        try
        {
            action();
        }
        finally
        {
            Runspace.DefaultRunspace = before;
        }
    }
}

/// <summary>What a script wrote.</summary>
internal sealed record CmdletResult(
    IReadOnlyList<PSObject> Output, IReadOnlyList<ErrorRecord> Errors, IReadOnlyList<string> Verbose, IReadOnlyList<string> Warnings)
{
    /// <summary>The first part of each FullyQualifiedErrorId, in order.</summary>
    public IEnumerable<string> ErrorIds => Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0]);

    /// <summary>The output as objects of a type.</summary>
    public IReadOnlyList<T> As<T>() => [.. Output.Select(o => (T)o.BaseObject)];
}
