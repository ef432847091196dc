using LeoPS.Changes;
using LeoPS.Directives;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;
using LeoPS.Sessions;

namespace LeoPS.PostgresTests.Directives;

/// <summary>A test class over directives and sessions, each of whose tests gets a database of its own with the one base directive and its session.</summary>
public abstract class DirectiveDatabaseTest(PostgresServer server) : HandoffDatabaseTest(server)
{
    private protected static readonly DirectiveFilter All = new();

    /// <summary>Adds a directive behind the store's back.</summary>
    private protected Task AddAsync(string id, string key, string status = "active", string category = "c", string priority = "high") => Database.RunAsync($"""
        insert into strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
        values ('{id}', '{key}', 'Title of {key}', '{status}', '{category}', '{priority}', 'd', 'r', 's')
        """);

    private protected static Task<List<ReadItem<StrategicDirective>>> ItemsAsync(ILeoDatabase database, DirectiveQuery query) =>
        ListAsync(database.Directives.ReadAsync(query, HandoffDatabase.Context, CancellationToken.None));

    private protected static Task<List<ReadItem<ImplementationSession>>> ItemsAsync(ILeoDatabase database, SessionQuery query) =>
        ListAsync(database.Sessions.ReadAsync(query, HandoffDatabase.Context, CancellationToken.None));

    /// <summary>The rows of a query; all must be readable.</summary>
    private protected async Task<List<StrategicDirective>> ReadAsync(DirectiveQuery query) => Rows(await ItemsAsync(Database.Database, query));

    /// <inheritdoc cref="ReadAsync(DirectiveQuery)"/>
    private protected async Task<List<ImplementationSession>> ReadAsync(SessionQuery query) => Rows(await ItemsAsync(Database.Database, query));

    private protected Task<ChangeOutcome<StrategicDirective>> CreateAsync(NewDirective directive, ILeoDatabase? database = null, CallContext? context = null) =>
        (database ?? Database.Database).Directives.CreateAsync(directive.Check(), context ?? HandoffDatabase.Context, CancellationToken.None);

    private protected Task<ChangeOutcome<ImplementationSession>> CreateAsync(NewSession session, ILeoDatabase? database = null, CallContext? context = null) =>
        (database ?? Database.Database).Sessions.CreateAsync(session.Check(), context ?? HandoffDatabase.Context, CancellationToken.None);

    /// <summary>The error of a row that was not made.</summary>
    private protected static LeoException Failed<TRow>(ChangeOutcome<TRow> outcome, LeoErrorId errorId, params string[] says)
        where TRow : class
    {
        Assert.Equal((OutcomeKind.Failed, errorId), (outcome.Kind, outcome.Error?.ErrorId));
        Assert.Null(outcome.Row);
        foreach (string said in says)
        {
            Assert.Contains(said, outcome.Error!.Message, StringComparison.Ordinal);
        }

        return outcome.Error!;
    }

    private protected static TRow Made<TRow>(ChangeOutcome<TRow> outcome)
        where TRow : class
    {
        Assert.Null(outcome.Error);
        Assert.Equal(OutcomeKind.Changed, outcome.Kind);
        return outcome.Row!;
    }

    private static List<TRow> Rows<TRow>(List<ReadItem<TRow>> items)
        where TRow : class => items.ConvertAll(item =>
    {
        Assert.Null(item.Error);
        return item.Row;
    });

    private static async Task<List<ReadItem<TRow>>> ListAsync<TRow>(IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> chunks)
        where TRow : class
    {
        var items = new List<ReadItem<TRow>>();
        await foreach (IReadOnlyList<ReadItem<TRow>> chunk in chunks)
        {
            items.AddRange(chunk);
        }

        return items;
    }
}
