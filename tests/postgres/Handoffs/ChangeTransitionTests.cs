using System.Text.RegularExpressions;
using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Statuses;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>What a move does to its row.</summary>
public sealed class ChangeTransitionTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    private static readonly DateTimeOffset Old = new(2020, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static TheoryData<HandoffStatus, bool, bool> Targets()
    {
        var targets = new TheoryData<HandoffStatus, bool, bool>();
        foreach (HandoffStatus to in Enum.GetValues<HandoffStatus>())
        {
            foreach (bool force in new[] { false, true })
            {
                targets.Add(to, force, false);
                targets.Add(to, force, true);
            }
        }

        return targets;
    }

    [PostgresTheory]
    [MemberData(nameof(Targets))]
    public async Task Every_move_is_made_or_refused_and_stamped_as_the_table_says(HandoffStatus to, bool force, bool objects)
    {
        // A row of each status, with and without stamps of its former life.
        foreach (HandoffStatus from in Enum.GetValues<HandoffStatus>())
        {
            await Database.InsertAsync(1, StatusNames<HandoffStatus>.ToColumn(from), Stamps("'2020-01-02 03:04:05Z'"));
            await Database.InsertAsync(1, StatusNames<HandoffStatus>.ToColumn(from), Stamps("null"));
        }

        List<HandoffPreparation> before = await Database.ReadAsync();
        StatusMove<HandoffStatus> move = HandoffDatabase.MoveTo(to, force);
        var began = new DateTimeOffset(await Database.ScalarAsync<DateTime>("select clock_timestamp()"));
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(move, before.Select(r => objects ? HandoffDatabase.Of(r) : HandoffDatabase.Of(r.Id)));
        Dictionary<Guid, HandoffPreparation> after = (await Database.ReadAsync()).ToDictionary(r => r.Id);
        Assert.Equal(10, outcomes.Count);
        foreach ((HandoffPreparation was, ChangeOutcome<HandoffPreparation> outcome) in before.Zip(outcomes))
        {
            HandoffPreparation now = after[was.Id];
            if (was.Status == to)
            {
                Assert.Equal(OutcomeKind.Unchanged, outcome.Kind);
                Assert.Equal(HandoffJson.Line(was), HandoffJson.Line(now));
                Assert.Equal(HandoffJson.Line(now), HandoffJson.Line(outcome.Row!));
                continue;
            }

            Move<HandoffStatus>? expected = HandoffTransitions.Table.MovesTo(to, force).SingleOrDefault(m => m.From == was.Status);
            if (expected is null)
            {
                Assert.Equal((OutcomeKind.Failed, LeoErrorId.InvalidTransition), (outcome.Kind, outcome.Error?.ErrorId));
                Assert.Contains(was.Status.ToString(), outcome.Error!.Message, StringComparison.Ordinal);
                Assert.Contains(was.Id.ToString(), outcome.Error!.Message, StringComparison.Ordinal);
                Assert.Equal(HandoffJson.Line(was), HandoffJson.Line(now));
                continue;
            }

            Assert.Equal(OutcomeKind.Changed, outcome.Kind);
            Assert.Equal(to, now.Status);
            AssertStamp(expected.Stamps[0], was.SentAt, now.SentAt, now.UpdatedAt);
            AssertStamp(expected.Stamps[1], was.ResponseAt, now.ResponseAt, now.UpdatedAt);
            Assert.True(now.UpdatedAt >= began);
            Assert.NotEqual(was.RowVersion, now.RowVersion);
            Assert.Equal((was.PreparedAt, was.CreatedAt, was.PostImplementationNotes), (now.PreparedAt, now.CreatedAt, now.PostImplementationNotes));
            // What came out is what is there, to the last column.
            Assert.Equal(HandoffJson.Line(now), HandoffJson.Line(outcome.Row!));
        }
    }

    [PostgresFact]
    public void The_table_is_the_one_of_the_contract()
    {
        string[] moves =
        [
            .. from to in Enum.GetValues<HandoffStatus>()
               from move in HandoffTransitions.Table.MovesTo(to, force: false)
               select $"{move.From} {move.To} {move.Stamps[0]} {move.Stamps[1]}",
        ];
        string[] contract =
        [
            "Preparing Ready Keep Keep", "Ready Preparing Keep Keep", "Ready Sent Now Keep", "Rejected Preparing Clear Clear",
            "Sent Accepted Keep Now", "Sent Rejected Keep Now",
        ];
        Assert.Equal(contract, moves.Order(StringComparer.Ordinal));
        string[] forced =
        [
            .. from to in Enum.GetValues<HandoffStatus>()
               from move in HandoffTransitions.Table.MovesTo(to, force: true)
               where !HandoffTransitions.Table.Allows(move.From, move.To)
               select $"{move.To} {move.Stamps[0]} {move.Stamps[1]}",
        ];
        // The target's stamps are set, those of later states cleared.
        Assert.Equal(
            ["Accepted Keep Now", "Preparing Clear Clear", "Ready Clear Clear", "Rejected Keep Now", "Sent Now Clear"],
            forced.Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(14, forced.Length);
    }

    [PostgresTheory]
    [InlineData(null, "")]
    [InlineData("''", "")]
    [InlineData("E'kept\\nas it is'", "kept\nas it is\n")]
    public async Task A_reason_is_one_dated_line_behind_the_notes(string? notes, string kept)
    {
        List<Guid> ids = await Database.InsertAsync(2, "sent", ("post_implementation_notes", notes ?? "null"));
        List<HandoffPreparation> rows = await Database.ReadAsync();
        StatusMove<HandoffStatus> move = HandoffDatabase.MoveTo(HandoffStatus.Rejected, reason: " 50 % of 'it'\r\n\n is \\ missing_$1 🚀\n");
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(move, [HandoffDatabase.Of(rows[0]), HandoffDatabase.Of(ids[1])]);
        foreach ((HandoffPreparation row, ChangeOutcome<HandoffPreparation> outcome) in (await Database.ReadAsync()).Zip(outcomes))
        {
            Assert.Equal(row.PostImplementationNotes, outcome.Row!.PostImplementationNotes);
            Assert.StartsWith(kept, row.PostImplementationNotes, StringComparison.Ordinal);
            string line = row.PostImplementationNotes![kept.Length..];
            Assert.Matches(new Regex("^[0-9-]{10} [0-9:]{8}Z Rejected: 50 % of 'it' is \\\\ missing_\\$1 🚀$", RegexOptions.None, TimeSpan.FromSeconds(1)), line);
            Assert.StartsWith(row.UpdatedAt!.Value.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'"), line, StringComparison.Ordinal);
        }
    }

    [PostgresTheory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \r\n ")]
    public async Task Without_a_reason_the_notes_stay(string? reason)
    {
        Guid id = (await Database.InsertAsync(1, "ready", ("post_implementation_notes", "'n'")))[0];
        ChangeOutcome<HandoffPreparation> outcome = Assert.Single(await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent, reason: reason), [HandoffDatabase.Of(id)]));
        Assert.Equal(("n", "n"), (outcome.Row!.PostImplementationNotes, (await Database.ReadAsync(id)).PostImplementationNotes));
    }

    [PostgresFact]
    public async Task Rejections_one_after_another_keep_every_reason()
    {
        Guid id = (await Database.InsertAsync(1, "sent"))[0];
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            foreach ((HandoffStatus to, string? reason) in new (HandoffStatus, string?)[]
                { (HandoffStatus.Rejected, $"reason {attempt}"), (HandoffStatus.Preparing, null), (HandoffStatus.Ready, null), (HandoffStatus.Sent, null) })
            {
                Assert.Equal(OutcomeKind.Changed, Assert.Single(await ChangeAsync(HandoffDatabase.MoveTo(to, reason: reason), [HandoffDatabase.Of(id)])).Kind);
            }
        }

        string[] lines = (await Database.ReadAsync(id)).PostImplementationNotes!.Split('\n');
        Assert.Equal(["reason 1", "reason 2", "reason 3"], lines.Select(l => l.Split(": ")[1]));
    }

    [PostgresFact]
    public async Task Outcomes_come_in_the_order_given_with_their_sources()
    {
        List<Guid> ids = await Database.InsertAsync(50);
        Guid[] shuffled = [.. ids.Concat(Enumerable.Range(0, 10).Select(_ => Guid.NewGuid())).OrderBy(_ => Guid.NewGuid())];
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), shuffled.Select(HandoffDatabase.Of));
        Assert.Equal(shuffled.Cast<object>(), outcomes.Select(o => o.Source));
        Assert.Equal(shuffled.Select(ids.Contains), outcomes.Select(o => o.Kind == OutcomeKind.Changed));
        AssertEach.Of(outcomes.Where(o => o.Row is not null), o => Assert.Equal(o.Source, o.Row!.Id));
        AssertEach.Of(outcomes.Where(o => o.Row is null), o =>
        {
            Assert.Equal(LeoErrorId.NotFound, o.Error!.ErrorId);
            Assert.Contains(o.Source!.ToString()!, o.Error.Message, StringComparison.Ordinal);
        });
    }

    private static (string, string)[] Stamps(string value) =>
        [("sent_at", value), ("response_at", value), ("updated_at", value), ("created_at", value), ("prepared_at", value)];

    private static void AssertStamp(StampAction action, DateTimeOffset? was, DateTimeOffset? now, DateTimeOffset? updatedAt)
    {
        DateTimeOffset? expected = action switch
        {
            StampAction.Now => updatedAt,
            StampAction.Clear => null,
            _ => was,
        };
        Assert.Equal(expected, now);
        Assert.True(was is null || was == Old);
    }
}
