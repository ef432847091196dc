using System.Runtime.CompilerServices;
using LeoPS.Executions;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.Postgres.Executions;

/// <summary>
/// Finds running executions whose owner is gone, in two looks: an owner that lives and has only lost its session has it back before the second one.
/// </summary>
internal sealed class OrphanSearch(StatementScope scope)
{
    /// <summary>More than an owner needs to notice that its session is gone, and to have the next one.</summary>
    private static readonly TimeSpan _secondLook = TimeSpan.FromSeconds(1.25);

    /// <summary>Reads them, each with its evidence.</summary>
    public async IAsyncEnumerable<IReadOnlyList<ReadItem<FlowExecution>>> ReadAsync(
        ExecutionQuery query, Func<ExecutionQuery, CancellationToken, IAsyncEnumerable<IReadOnlyList<ReadItem<FlowExecution>>>> read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<Guid> ids = await FirstLookAsync(query.Filter, cancellationToken).ConfigureAwait(false);
        if (ids.Count == 0)
        {
            yield break;
        }

        await foreach (IReadOnlyList<ReadItem<FlowExecution>> chunk in read(query with { Filter = query.Filter with { Ids = ids } }, cancellationToken).ConfigureAwait(false))
        {
            foreach (ReadItem<FlowExecution> item in chunk)
            {
                item.Row.OrphanEvidence = RunOwner.Of(item.Row)?.Evidence;
            }

            yield return chunk;
        }
    }

    /// <summary>Those that a look finds; it returns when it is time for the second one.</summary>
    /// <exception cref="LeoException">ReadOnlyConnection on a standby, which does not know the locks of the primary.</exception>
    public async Task<IReadOnlyList<Guid>> FirstLookAsync(ExecutionFilter filter, CancellationToken cancellationToken)
    {
        (IReadOnlyList<Guid> ids, bool standby) = await scope.RunAsync(
            "look for orphaned executions", Look(filter), ReadAsync, l => l.Ids.Count, cancellationToken).ConfigureAwait(false);
        if (standby)
        {
            throw new LeoException(LeoErrorId.ReadOnlyConnection, "This server is a standby, and what keeps the owners of executions is known to the primary alone. Connect to the primary to find orphans.");
        }

        if (ids.Count > 0)
        {
            await Task.Delay(_secondLook, cancellationToken).ConfigureAwait(false);
        }

        return ids;
    }

    /// <summary>The look with its values.</summary>
    internal static Statement Look(ExecutionFilter filter)
    {
        var statement = new Statement();
        statement.Text = ExecutionSql.Ids(ExecutionFilterSql.Where(filter, statement));
        return statement;
    }

    private static async Task<(IReadOnlyList<Guid> Ids, bool Standby)> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var ids = new List<Guid>();
        bool standby = false;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            ids.Add(reader.GetGuid(0));
            standby |= reader.GetBoolean(1);
        }

        return (ids, standby);
    }
}
