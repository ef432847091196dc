using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using LeoPS.Ports;

namespace LeoPS.Composition;

/// <summary>The transaction that a runspace's cmdlets work in while Invoke-LeoTransaction runs its block.</summary>
internal sealed class RunspaceTransaction
{
    private static readonly ConditionalWeakTable<Runspace, RunspaceTransaction> _ofRunspace = [];
    private int _rowErrors;

    private RunspaceTransaction(LeoConnection connection, ILeoTransaction transaction)
    {
        Connection = connection;
        Transaction = transaction;
    }

    /// <summary>The connection whose cmdlets take part; others work outside.</summary>
    public LeoConnection Connection { get; }

    public ILeoTransaction Transaction { get; }

    /// <summary>Rows that failed in it so far.</summary>
    public int RowErrors => _rowErrors;

    /// <summary>The calling runspace's transaction on a connection; null where there is none.</summary>
    public static RunspaceTransaction? Find(LeoConnection connection) =>
        Runspace.DefaultRunspace is { } runspace && _ofRunspace.TryGetValue(runspace, out RunspaceTransaction? open) && open.Connection == connection ? open : null;

    /// <summary>Makes a transaction the calling runspace's own.</summary>
    public static RunspaceTransaction Enter(LeoConnection connection, ILeoTransaction transaction)
    {
        var entered = new RunspaceTransaction(connection, transaction);
        _ofRunspace.AddOrUpdate(Runspace.DefaultRunspace, entered);
        return entered;
    }

    /// <summary>From here on the runspace's cmdlets work outside again.</summary>
    public void Leave()
    {
        if (Runspace.DefaultRunspace is { } runspace && _ofRunspace.TryGetValue(runspace, out RunspaceTransaction? open) && open == this)
        {
            _ofRunspace.Remove(runspace);
        }
    }

    public void CountRowError() => Interlocked.Increment(ref _rowErrors);
}
