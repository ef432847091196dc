using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>A test class for the making, editing and deleting of handoffs; each of its tests gets a database of its own.</summary>
public abstract class ContentTest(PostgresServer server) : HandoffDatabaseTest(server)
{
    private protected static readonly DraftRules New = new(Restores: false, Force: false);
    private protected static readonly DraftRules Restoring = new(Restores: true, Force: false);
    private protected static readonly EditRules Replace = new(Merge: false, Append: false);

    private protected IHandoffStore Content => Database.Database.Handoffs;

    /// <summary>A draft for the one directive.</summary>
    private protected static HandoffDraft Draft(string? sd = HandoffDatabase.SdId, Guid? session = null, string summary = "done", params (ContentColumn Column, object? Value)[] values)
    {
        var draft = new HandoffDraft { Sd = sd, SessionId = session, Values = Values(values), Source = summary };
        draft.Values[ContentColumn.ImplementationSummary] = summary;
        return draft;
    }

    private protected static HandoffValues Values(params (ContentColumn Column, object? Value)[] values)
    {
        var all = new HandoffValues();
        foreach ((ContentColumn column, object? value) in values)
        {
            all[column] = value;
        }

        return all;
    }

    private protected static HandoffEdit Edit(HandoffPreparation row, params (ContentColumn Column, object? Value)[] values) => new(row.Id, row.Guard, row, Values(values));

    private protected static HandoffEdit Edit(Guid id, params (ContentColumn Column, object? Value)[] values) => new(id, null, id, Values(values));

    private protected Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> CreateAsync(IEnumerable<HandoffDraft> drafts, DraftRules? rules = null, CallContext? context = null, IHandoffStore? store = null) =>
        (store ?? Content).CreateAsync(rules ?? New, [.. drafts], Bulk.Each, context ?? HandoffDatabase.Context, CancellationToken.None).OutcomesAsync();

    private protected Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> EditAsync(IEnumerable<HandoffEdit> edits, EditRules? rules = null, CallContext? context = null, IHandoffStore? store = null) =>
        (store ?? Content).EditAsync(rules ?? Replace, [.. edits], Bulk.Each, context ?? HandoffDatabase.Context, CancellationToken.None).OutcomesAsync();

    /// <summary>All columns of all rows, as the database has them.</summary>
    private protected Task<List<string>> RowsAsync() => Database.ColumnAsync<string>("select h::text from exec_handoff_preparations h order by id");

    /// <summary>The ids of a batch's errors, in order; empty strings for what was done.</summary>
    private protected static IEnumerable<string> ErrorsOf(IEnumerable<ChangeOutcome<HandoffPreparation>> outcomes) => outcomes.Select(o => o.Error?.ErrorId.ToString() ?? "");

    /// <summary>Adds a directive, and sessions of it with these statuses; gives back the sessions' ids.</summary>
    private protected async Task<List<Guid>> AddDirectiveAsync(string id, string key, params string[] sessions)
    {
        await Database.RunAsync($"""
            insert into strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
            values ('{id}', '{key}', 'Title of {id}', 'active', 'c', 'high', 'd', 'r', 's')
            """);
        var ids = new List<Guid>();
        foreach (string status in sessions)
        {
            ids.Add(await Database.ScalarAsync<Guid>(
                $"insert into exec_implementation_sessions (sd_id, implementation_type, status) values ('{id}', 'GENERAL_FEATURE', '{status}') returning id"));
        }

        return ids;
    }
}
