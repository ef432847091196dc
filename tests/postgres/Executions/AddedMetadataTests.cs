using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Members that the end of a run adds to its metadata.</summary>
public sealed class AddedMetadataTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    [PostgresFact]
    public async Task They_are_added_to_what_is_there_then_and_what_is_no_object_stays()
    {
        (string Before, string? Added, string? After)[] cases =
        [
            ("null", """{"a": 1}""", """{"a": 1}"""),
            ("""'{"b": 1.10, "a": 0}'""", """{"a": 1}""", """{"a": 1, "b": 1.10}"""),
            ("""'{"b": 1}'""", null, """{"b": 1}"""),
            ("'[1]'", """{"a": 1}""", "[1]"),
            ("null", null, null),
        ];
        foreach (bool objects in new[] { true, false })
        {
            var ids = new List<Guid>();
            foreach ((string before, string? _, string? _) in cases)
            {
                ids.AddRange(await Database.InsertAsync(1, "running", ("metadata", before), ("started_at", "now()")));
            }

            Dictionary<Guid, FlowExecution> rows = (await Database.ReadAsync()).ToDictionary(r => r.Id);
            IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(Complete, ids.Zip(cases).Select(p =>
            {
                var values = new RunValues { AddedMetadata = p.Second.Added, TokenCount = 1 };
                return objects ? ExecutionDatabase.Of(rows[p.First], values) : ExecutionDatabase.Of(p.First, values);
            }));
            Assert.Equal(cases.Select(c => c.After), outcomes.Select(o => o.Row?.RawMetadata));
            await AssertAsInTableAsync(outcomes);
        }
    }

    [PostgresFact]
    public async Task They_are_added_to_a_run_that_is_too_long_for_its_duration_too()
    {
        Guid id = (await Database.InsertAsync(1, "running", ("metadata", """'{"b": 1}'"""), ("started_at", "now() - interval '90 days'")))[0];
        ChangeOutcome<FlowExecution> outcome = Assert.Single(await ChangeAsync(Complete, [ExecutionDatabase.Of(id, new RunValues { AddedMetadata = """{"a": 1}""" })]));
        Assert.Equal(("""{"a": 1, "b": 1}""", true), (outcome.Row!.RawMetadata, outcome.Note is not null));
        await AssertAsInTableAsync([outcome]);
    }
}
