using System.Management.Automation;
using LeoPS.Binding;
using LeoPS.Composition;
using LeoPS.Flows;
using LeoPS.Ports;
using LeoPS.Reading;
using LeoPS.Text;

namespace LeoPS.Abstractions;

/// <summary>A cmdlet that talks to a database.</summary>
public abstract class DatabaseCmdlet : LeoCmdlet
{
    private RunspaceTransaction? _transaction;

    /// <summary>The connection to use, or its name; without it the runspace's default.</summary>
    [Parameter]
    [ConnectionTransformation]
    [ArgumentCompleter(typeof(ConnectionNameCompleter))]
    public ConnectionArgument? Connection { get; set; }

    /// <summary>How long to wait for a row that another transaction holds. 30 s without it.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan LockTimeout { get; set; } = CallContext.DefaultLockTimeout;

    /// <summary>How long one statement may take. Without it the connection's own, which is for ever unless it was set.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan? CommandTimeout { get; set; }

    /// <summary>The connection; set by BeginProcessing.</summary>
    private protected LeoConnection UsedConnection { get; private set; } = null!;

    /// <summary>The database, as the transaction sees it where one is open; set by BeginProcessing.</summary>
    private protected ILeoDatabase Database { get; private set; } = null!;

    /// <summary>What the statements of this call carry along; set by BeginProcessing.</summary>
    private protected CallContext Context { get; private set; } = null!;

    /// <summary>Finds the connection.</summary>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        Guard(() =>
        {
            Begin();
            return true;
        });
    }

    /// <summary>Finds the connection, and lets a condition of ours through.</summary>
    /// <exception cref="LeoException">NotConnected, ConnectionFailed, AuthenticationFailed.</exception>
    private protected void Begin()
    {
        Context = new CallContext(MyInvocation.MyCommand.Name, LockTimeout, CommandTimeout, Log);
        UsedConnection = Resolve();
        _transaction = RunspaceTransaction.Find(UsedConnection);
        Database = _transaction?.Transaction.Database ?? UsedConnection.Open();
    }

    /// <inheritdoc/>
    private protected override void CountRowError() => _transaction?.CountRowError();

    /// <summary>The first row of a reading; null where there is none.</summary>
    private protected TRow? ReadOne<TRow>(Func<CancellationToken, IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>>> read)
        where TRow : class => Await(async token =>
        {
            await foreach (IReadOnlyList<ReadItem<TRow>> chunk in read(token).ConfigureAwait(false))
            {
                return chunk[0].Row;
            }

            return null;
        });

    /// <summary>An SD that was named in full and does not exist is an error: most likely it is a slip of the pen.</summary>
    private protected void ReportUnknownSds(IReadOnlyList<string>? sdIds)
    {
        string[] named = [.. (sdIds ?? []).Where(sd => !Wildcard.IsPattern(sd)).Select(Wildcard.Unescape)];
        if (named.Length == 0)
        {
            return;
        }

        foreach (string sd in Await(token => Database.Handoffs.FindUnknownSdsAsync(named, Context, token)))
        {
            WriteRowError(LeoErrors.NotFound("strategic directive", sd, Database.Server.Role), sd);
        }
    }

    /// <summary>The ids of flows by their keys, of those that are there and can be seen.</summary>
    private protected IReadOnlyDictionary<string, Guid> FindFlows(IReadOnlyList<string> keys)
    {
        var there = new Dictionary<string, Guid>(StringComparer.Ordinal);
        if (keys.Count == 0)
        {
            return there;
        }

        var query = new FlowQuery { Filter = new FlowFilter { FlowKeys = [.. keys.Select(WildcardPattern.Escape)] } };
        return Await(async token =>
        {
            await foreach (IReadOnlyList<ReadItem<Flow>> chunk in Database.Flows.ReadAsync(query, Context, token).ConfigureAwait(false))
            {
                foreach (ReadItem<Flow> item in chunk)
                {
                    there[item.Row.FlowKey] = item.Row.Id;
                }
            }

            return there;
        });
    }

    private LeoConnection Resolve()
    {
        if (Connection is not null)
        {
            return Connection.Resolve();
        }

        if (ConnectionRegistry.Default is { } connection)
        {
            return connection;
        }

        if (ConnectionRegistry.EverConnected || ConnectionEnvironment.OfProcess().Find() is not { } settings)
        {
            throw LeoErrors.NotConnected(ConnectionRegistry.EverConnected);
        }

        WriteNotes(settings);
        WriteVerbose($"connecting with {settings.Source}: {settings.Host}:{settings.Port}");
        ILeoDatabase database = Task.Run(() => StorageLoader.Storage.ConnectAsync(settings, StopToken), StopToken).GetAwaiter().GetResult();
        var implicitly = new LeoConnection(ConnectionRegistry.FreeName(settings), settings, database);
        ConnectionRegistry.Add(implicitly, explicitly: false);
        return implicitly;
    }
}
