using LeoPS.Changes;
using LeoPS.Directives;
using LeoPS.Handoffs;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Sessions;

namespace LeoPS.PostgresTests.Directives;

/// <summary>A directive whose id is a UUID is found by that id in any letter case, wherever a directive is named.</summary>
public sealed class DirectiveIdCaseTests(PostgresServer server) : DirectiveDatabaseTest(server)
{
    private const string Id = "0b3f7a52-6f0e-4b0a-9a53-0c1d2e3f4a5b";

    [PostgresTheory]
    [InlineData(Id, "0B3F7A52-6F0E-4B0A-9A53-0C1D2E3F4A5B")]
    [InlineData(Id, "0b3f7A52-6F0e-4b0a-9a53-0c1D2e3f4a5b")]
    [InlineData("0B3F7A52-6F0E-4B0A-9A53-0C1D2E3F4A5B", Id)]
    public async Task It_is_found_by_every_look_up(string stored, string given)
    {
        await AddAsync(stored, "THE-KEY");
        ImplementationSession session = Made(await CreateAsync(new NewSession { Sd = given, ImplementationType = ImplementationType.GENERAL_FEATURE }));
        Assert.Equal(stored, session.SdId);
        var values = new HandoffValues();
        values[ContentColumn.ImplementationSummary] = "built";
        ChangeOutcome<HandoffPreparation> made = Assert.Single(await Database.Database.Handoffs.CreateAsync(
            new DraftRules(false, false), [new HandoffDraft { Sd = given, Values = values }], Bulk.Each, HandoffDatabase.Context, CancellationToken.None).OutcomesAsync());
        Assert.Null(made.Error);
        Assert.Equal(stored, made.Row!.SdId);

        Assert.Equal([stored], (await ReadAsync(new DirectiveQuery { Filter = All with { SdIds = [given] } })).Select(d => d.Id));
        Assert.Equal([stored], (await ReadAsync(new DirectiveQuery { Filter = All with { Names = [given] } })).Select(d => d.Id));
        Assert.Equal([session.Id], (await ReadAsync(new SessionQuery { Filter = new SessionFilter { SdIds = [given] } })).Select(s => s.Id));
        Assert.Equal([session.Id], (await ReadAsync(new SessionQuery { Filter = new SessionFilter { SdNames = [given] } })).Select(s => s.Id));
        Assert.Equal([made.Row.Id], (await Database.ReadAsync(new HandoffQuery { Filter = new HandoffFilter { SdIds = [given] } })).Select(h => h.Id));
        Assert.Empty(await Store.FindUnknownSdsAsync([given], HandoffDatabase.Context, CancellationToken.None));
        Assert.Equal(stored, (await Database.Database.Directives.ResolveAsync([given], HandoffDatabase.Context, CancellationToken.None))[given]);
        ActiveSessions active = Assert.Single(await Database.Database.Sessions.FindActiveAsync([given], HandoffDatabase.Context, CancellationToken.None));
        Assert.Equal((stored, session.Id), (active.SdId, Assert.Single(active.Sessions).Id));
    }

    [PostgresFact]
    public async Task The_id_as_it_is_given_goes_first_and_other_ids_are_compared_exactly()
    {
        await AddAsync(Id, "LOWER");
        await AddAsync(Id.ToUpperInvariant(), "UPPER");
        IReadOnlyDictionary<string, string> ids = await Database.Database.Directives.ResolveAsync(
            [Id, Id.ToUpperInvariant(), HandoffDatabase.SdId.ToLowerInvariant()], HandoffDatabase.Context, CancellationToken.None);
        Assert.Equal([(Id, Id), (Id.ToUpperInvariant(), Id.ToUpperInvariant())], ids.Select(i => (i.Key, i.Value)).OrderByDescending(i => i.Key, StringComparer.Ordinal));
        Assert.Equal([HandoffDatabase.SdId.ToLowerInvariant()], await Store.FindUnknownSdsAsync(
            [HandoffDatabase.SdId.ToLowerInvariant()], HandoffDatabase.Context, CancellationToken.None));
    }
}
