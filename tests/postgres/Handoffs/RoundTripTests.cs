using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>How often the server is asked, counted on the wire.</summary>
public sealed class RoundTripTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    [PostgresTheory]
    [InlineData(1, true)]
    [InlineData(1000, true)]
    [InlineData(1001, false)]
    [InlineData(2500, true)]
    [InlineData(10_000, true)]
    [InlineData(10_000, false)]
    public async Task Rows_that_all_change_take_one_round_trip_per_thousand_and_at_most_three_more(int rows, bool objects)
    {
        await Database.InsertAsync(rows);
        await using var proxy = new TcpProxy(Database.Settings);
        await using ILeoDatabase far = await Database.OpenAsync(proxy);
        List<HandoffPreparation> read = await Database.ReadAsync();
        int connecting = proxy.RoundTrips;
        CallContext context = CallContext.For("Set-HandoffStatus");
        // No batch leaves early because the machine is slow.
        var options = new ChangePipelineOptions { Noun = "handoff", MaxAge = TimeSpan.FromMinutes(5) };
        using var pipeline = new ChangePipeline<StatusChange<HandoffPreparation>, HandoffPreparation>(
            (batch, token) => far.Handoffs.ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), batch, Bulk.Each, context, token).OutcomesAsync(), options, CancellationToken.None);
        var outcomes = new List<ChangeOutcome<HandoffPreparation>>();
        foreach (HandoffPreparation row in read)
        {
            pipeline.Add(objects ? HandoffDatabase.Of(row) : HandoffDatabase.Of(row.Id));
            outcomes.AddRange(pipeline.TakeFinished().SelectMany(b => b.Outcomes));
        }

        outcomes.AddRange(pipeline.Complete().SelectMany(b => b.Outcomes));
        Assert.Equal(read.Select(r => r.Id), outcomes.Select(o => o.Row!.Id));
        AssertEach.Of(outcomes, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        Assert.Equal(rows, outcomes.Count);
        int batches = (rows + 999) / 1000;
        Assert.InRange(proxy.RoundTrips - connecting, batches, batches + 3);
        Assert.InRange(proxy.Connections, 1, 4);
    }

    [PostgresFact]
    public async Task The_proxy_counts_every_statement()
    {
        await Database.InsertAsync(5);
        await using var proxy = new TcpProxy(Database.Settings);
        await using ILeoDatabase far = await Database.OpenAsync(proxy);
        int before = proxy.RoundTrips;
        for (int i = 1; i <= 5; i++)
        {
            Assert.Equal(5, await far.Handoffs.CountAsync(new HandoffFilter(), HandoffDatabase.Context, CancellationToken.None));
            Assert.Equal(before + i, proxy.RoundTrips);
        }

        Assert.Equal(1, proxy.Connections);
        Assert.InRange(proxy.Resets, 1, 6);
    }

    [PostgresFact]
    public async Task A_selection_of_any_size_takes_a_handful()
    {
        await Database.InsertAsync(5000);
        await using var proxy = new TcpProxy(Database.Settings);
        await using ILeoDatabase far = await Database.OpenAsync(proxy);
        int before = proxy.RoundTrips;
        SelectionResult<HandoffPreparation> result = await far.Handoffs.ChangeSelectionAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent), new HandoffFilter { Statuses = [HandoffStatus.Ready] }, false, true, HandoffDatabase.Context, CancellationToken.None);
        Assert.Equal(5000, result.Changed);
        Assert.InRange(proxy.RoundTrips - before, 1, 3);
    }

    [PostgresFact]
    public async Task One_bad_row_of_a_thousand_costs_one_more_look()
    {
        List<Guid> ids = await Database.InsertAsync(999);
        await using var proxy = new TcpProxy(Database.Settings);
        await using ILeoDatabase far = await Database.OpenAsync(proxy);
        int before = proxy.RoundTrips;
        SingleFailure(await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), [.. ids.Select(HandoffDatabase.Of), HandoffDatabase.Of(Guid.NewGuid())], store: far.Handoffs), LeoErrorId.NotFound);
        Assert.InRange(proxy.RoundTrips - before, 2, 3);
    }
}
