using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>Tables that are not quite the contract's.</summary>
public sealed class ReadShapeTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    [PostgresFact]
    public async Task Columns_we_do_not_know_are_in_AdditionalColumns_whatever_their_names_and_types()
    {
        await Database.RunAsync(""""
            alter table exec_handoff_preparations
              add column venture_id integer default 7, add column "it's ""Mine""" text default 'a "b" ''c''', add column "Größe €" numeric default 1.50,
              add column none date, add column tags text[] default '{x,null}', add column seen timestamptz default 'infinity', add column nothing numeric default 'NaN',
              add column gone int;
            alter table exec_handoff_preparations drop column gone
            """");
        HandoffPreparation row = await Database.ReadAsync((await Database.InsertAsync(1))[0]);
        var map = Assert.IsType<JsonMap>(row.AdditionalColumns);
        Assert.Equal(["Größe €", "it's \"Mine\"", "none", "nothing", "seen", "tags", "venture_id"], Names(map).Order(StringComparer.Ordinal));
        Assert.Equal((7L, "a \"b\" 'c'", 1.50m), (Value(map, "venture_id"), Value(map, "it's \"Mine\""), Value(map, "Größe €")));
        Assert.Null(Value(map, "none"));
        Assert.Equal("infinity", Value(map, "seen"));

        // A change returns them too.
        ChangeOutcome<HandoffPreparation> outcome = Assert.Single(await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(row)]));
        Assert.Equal(OutcomeKind.Changed, outcome.Kind);
        Assert.Equal(row.RawAdditionalColumns, outcome.Row!.RawAdditionalColumns);
    }

    [PostgresTheory]
    [InlineData("alter table exec_handoff_preparations drop column demo_url", "demo_url")]
    [InlineData("alter table exec_handoff_preparations rename column handoff_status to status", "handoff_status")]
    [InlineData("drop table exec_handoff_preparations", "exec_handoff_preparations")]
    [InlineData("drop table strategic_directives_v2 cascade", "strategic_directives_v2")]
    [InlineData("alter table strategic_directives_v2 rename column sd_key to key", "sd_key")]
    public async Task What_is_missing_is_named_by_reading_and_by_changing(string ddl, string missing)
    {
        Guid id = (await Database.InsertAsync(1))[0];
        await Database.RunAsync(ddl);
        LeoException[] errors =
        [
            await Assert.ThrowsAsync<LeoException>(() => Database.ReadItemsAsync()),
            await Assert.ThrowsAsync<LeoException>(() => ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(id)])),
            await Assert.ThrowsAsync<LeoException>(() => Store.ChangeSelectionAsync(
                HandoffDatabase.MoveTo(HandoffStatus.Sent), new HandoffFilter { Statuses = [HandoffStatus.Ready] }, false, true, HandoffDatabase.Context, CancellationToken.None)),
        ];
        AssertEach.Of(errors, error =>
        {
            Assert.Equal(LeoErrorId.SchemaMissing, error.ErrorId);
            Assert.Contains(missing, error.Message, StringComparison.Ordinal);
            Assert.Contains("Install-LeoSchema", error.Message, StringComparison.Ordinal);
        });
    }

    [PostgresFact]
    public async Task What_a_dba_adds_between_two_calls_is_seen_by_the_second()
    {
        Guid id = (await Database.InsertAsync(1))[0];
        Assert.Empty(Names((JsonMap)(await Database.ReadAsync(id)).AdditionalColumns));
        await Database.RunAsync("alter table exec_handoff_preparations add column late int default 5");
        Assert.Equal(["late"], Names((JsonMap)(await Database.ReadAsync(id)).AdditionalColumns));
    }

    private static IEnumerable<string> Names(JsonMap map) => map.Keys.Cast<string>();

    private static object? Value(JsonMap map, string name) => map[name];
}
