using LeoPS.Access;
using System.Management.Automation;
using LeoPS.Binding;
using LeoPS.Composition;
using LeoPS.Executions;
using LeoPS.Flows;
using LeoPS.Ports;
using LeoPS.Reading;
using LeoPS.Text;

namespace LeoPS.Abstractions;

/// <summary>A cmdlet that talks to a database.</summary>
public abstract class DatabaseCmdlet : LeoCmdlet
{
    /// <summary>What the catalog said of writes that were rehearsed, by table, command and values.</summary>
    private readonly Dictionary<string, LeoException?> _obstacles = new(StringComparer.Ordinal);

    private RunspaceTransaction? _transaction;
    private IReadOnlyList<string>? _executionColumns;

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
        Guard(Begin);
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

    /// <summary>True where the rows that are named get changed: then what they say of their version must be readable.</summary>
    private protected virtual bool ChangesRows => false;

    /// <summary>Takes what names a row, and reports what names none, each in its place.</summary>
    private protected void TakeEach<TIdentity>(IEnumerable<TIdentity> identities, Action<TIdentity> take)
        where TIdentity : IIdentity
    {
        foreach (TIdentity identity in identities)
        {
            if ((identity.Error ?? (ChangesRows ? identity.GuardError : null)) is { } error)
            {
                Reject(identity.Source, error);
            }
            else
            {
                take(identity);
            }
        }
    }

    /// <summary>Reports an input that names no row.</summary>
    private protected virtual void Reject(object? source, LeoException error) => WriteRowError(error, source);

    /// <summary>
    /// True in a rehearsal whose write the catalog forbids: it is refused in place of the announcement. A confirmed write is left to the server,
    /// whose triggers may make something else of the values.
    /// </summary>
    private protected bool IsForbidden(PlannedWrite write, object? source)
    {
        if (!IsRehearsal)
        {
            return false;
        }

        string key = $"{write.Noun} {write.Command} {write.Document} {write.Additional} {write.MeetsNoRow}";
        if (!_obstacles.TryGetValue(key, out LeoException? obstacle))
        {
            obstacle = Await(token => Database.FindObstacleAsync(write, Context, token));
            _obstacles[key] = obstacle;
        }

        if (obstacle is not null)
        {
            Reject(source, obstacle);
        }

        return obstacle is not null;
    }

    /// <summary>Fails where the table of executions lacks a column that is needed.</summary>
    /// <param name="columns">Columns of <see cref="Governance"/>; for none the table is not looked at.</param>
    /// <exception cref="LeoException">SchemaMissing.</exception>
    private protected void RequireExecutionColumns(IEnumerable<string> columns)
    {
        string[] needed = [.. columns];
        if (needed.Length > 0)
        {
            Governance.Require(needed, ExecutionColumns);
        }
    }

    /// <summary>Fails where the table of executions lacks a column that a run which is put back had.</summary>
    /// <exception cref="LeoException">SchemaMissing.</exception>
    private protected void RequireRestorable(RestoredRun run)
    {
        if (run.AdditionalColumns.Count > 0)
        {
            run.Require(ExecutionColumns);
        }
    }

    private IReadOnlyList<string> ExecutionColumns => _executionColumns ??= Await(token => Database.Executions.GetColumnsAsync(Context, token));

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
        string[] named = Wildcard.Names(sdIds);
        if (named.Length == 0)
        {
            return;
        }

        string[] storable = [.. named.Where(StoredText.IsStorable)];
        IReadOnlyList<string> unknown = storable.Length == 0 ? [] : Await(token => Database.Handoffs.FindUnknownSdsAsync(storable, Context, token));
        foreach (string sd in named.Where(n => !StoredText.IsStorable(n) || unknown.Contains(n)))
        {
            WriteRowError(LeoErrors.NotFound("strategic directive", sd, Database.Server.Role), sd);
        }
    }

    /// <summary>A flow that was named in full and does not exist is an error; one without runs, or whose runs another filter leaves out, is not.</summary>
    /// <param name="flowKeys">The keys as given, with wildcards.</param>
    /// <param name="source">The target of the error; null for the key.</param>
    private protected void ReportUnknownFlows(IReadOnlyList<string>? flowKeys, object? source = null) => ReportMissingFlows(Wildcard.Names(flowKeys), source);

    /// <summary>Reports the keys that no flow has.</summary>
    /// <param name="flowKeys">The keys, literally.</param>
    /// <param name="source">The target of the error; null for the key.</param>
    private protected void ReportMissingFlows(IReadOnlyList<string> flowKeys, object? source = null)
    {
        IReadOnlyDictionary<string, Guid> there = FindFlows(flowKeys);
        foreach (string key in flowKeys.Where(k => !there.ContainsKey(k)))
        {
            WriteRowError(LeoErrors.FlowNotFound(key, Database.Server.Role), source ?? key);
        }
    }

    /// <summary>True within Invoke-LeoTransaction.</summary>
    private protected bool InTransaction => _transaction is not null;

    /// <summary>
    /// Waits for runs to end: each comes out when it has, and is an error beside where it did not end well. What is not there, or goes away, or
    /// does not end in time, is an error alone.
    /// </summary>
    /// <param name="ids">The runs; each once.</param>
    /// <param name="timeout">How long; zero for a single look, null for ever.</param>
    /// <param name="any">True where one is enough.</param>
    /// <param name="showsRows">True where the runs come out.</param>
    /// <param name="parameter">The parameter that says how long, for messages.</param>
    private protected void WaitForRuns(IReadOnlyList<Guid> ids, TimeSpan? timeout, bool any, bool showsRows, string parameter = "-Timeout")
    {
        if (ids.Count == 0)
        {
            return;
        }

        IChangeSignal signal = Await(token => Database.ExecutionFeed.ListenAsync(Context, token));
        try
        {
            WriteVerbose(signal.IsNotified ? "waiting for the notifications of the history" : "nothing tells of changes here: looking again and again");
            var wait = new RunWait((left, token) => Database.Executions.LookForEndsAsync(left, Context, token), signal, ids, timeout, any, TimeProvider.System);
            var progress = new CallProgress(MyInvocation.MyCommand.Name);
            while (!wait.IsOver)
            {
                RunNews news = Await(wait.NextAsync);
                foreach (ReadItem<FlowExecution> item in news.Ended)
                {
                    WriteEnded(item, showsRows);
                }

                WriteMissing(news, timeout, parameter);
                if ((wait.IsOver ? progress.End() : progress.Tell(() => $"{ids.Count - wait.Left:N0} of {ids.Count:N0} runs have ended", (int)(100L * (ids.Count - wait.Left) / ids.Count))) is { } record)
                {
                    WriteProgress(record);
                }
            }
        }
        finally
        {
            // Its connection goes back at once; nobody waits for the server here.
            Task.Run(async () => await signal.DisposeAsync().ConfigureAwait(false)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        }
    }

    private void WriteEnded(ReadItem<FlowExecution> item, bool showsRows)
    {
        if (item.Error is { } unreadable)
        {
            WriteRowError(unreadable, item.Row.Id);
        }
        else if (showsRows)
        {
            WriteObject(item.Row);
        }

        if (RunFailure.Of(item.Row) is { } failure)
        {
            WriteRowError(failure, item.Row);
        }
    }

    private void WriteMissing(RunNews news, TimeSpan? timeout, string parameter)
    {
        foreach (Guid id in news.Unknown)
        {
            WriteRowError(LeoErrors.NotFound(ExecutionTransitions.Table.Noun, id.ToString(), Database.Server.Role), id);
        }

        foreach (Guid id in news.Deleted)
        {
            WriteRowError(RunFailure.Deleted(id, Database.Server.Role), id);
        }

        if (news.Overdue.Count > 0)
        {
            WriteRowError(RunFailure.Overdue(news.Overdue, timeout ?? TimeSpan.Zero, parameter), news.Overdue.ToArray());
        }
    }

    /// <summary>The ids of flows by their keys, of those that are there and can be seen.</summary>
    private protected IReadOnlyDictionary<string, Guid> FindFlows(IReadOnlyList<string> keys)
    {
        var there = new Dictionary<string, Guid>(StringComparer.Ordinal);
        string[] storable = [.. keys.Where(StoredText.IsStorable)];
        if (storable.Length == 0)
        {
            return there;
        }

        var query = new FlowQuery { Filter = new FlowFilter { OrKeys = storable } };
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
            throw ConnectionRegistry.NotConnected();
        }

        WriteNotes(settings);
        WriteVerbose($"connecting with {settings.Source}: {settings.Host}:{settings.Port}");
        ILeoDatabase database = Task.Run(() => StorageLoader.Storage.ConnectAsync(settings, StopToken), StopToken).GetAwaiter().GetResult();
        return ConnectionRegistry.Add(name: null, settings, database, explicitly: false);
    }
}
