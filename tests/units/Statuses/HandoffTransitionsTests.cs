using LeoPS.Handoffs;
using LeoPS.Statuses;
using static LeoPS.HandoffStatus;
using static LeoPS.Statuses.StampAction;

namespace LeoPS.Units.Statuses;

/// <summary>The table of exec_handoff_preparations, written out literally: every pair of statuses, allowed and forced.</summary>
public sealed class HandoffTransitionsTests
{
    private static readonly TransitionTable<HandoffStatus> Table = HandoffTransitions.Table;

    /// <summary>From, to, allowed, sent_at, response_at: what an allowed move does, and what a forced one does where it is not.</summary>
    public static TheoryData<HandoffStatus, HandoffStatus, bool, StampAction, StampAction> Pairs => new()
    {
        { Preparing, Ready, true, Keep, Keep },
        { Ready, Preparing, true, Keep, Keep },
        { Ready, Sent, true, Now, Keep },
        { Sent, Accepted, true, Keep, Now },
        { Sent, Rejected, true, Keep, Now },
        { Rejected, Preparing, true, Clear, Clear },

        // Forced: the target's stamps are set, those of later states cleared.
        { Preparing, Sent, false, Now, Clear },
        { Preparing, Accepted, false, Keep, Now },
        { Preparing, Rejected, false, Keep, Now },
        { Ready, Accepted, false, Keep, Now },
        { Ready, Rejected, false, Keep, Now },
        { Sent, Preparing, false, Clear, Clear },
        { Sent, Ready, false, Clear, Clear },
        { Accepted, Preparing, false, Clear, Clear },
        { Accepted, Ready, false, Clear, Clear },
        { Accepted, Sent, false, Now, Clear },
        { Accepted, Rejected, false, Keep, Now },
        { Rejected, Ready, false, Clear, Clear },
        { Rejected, Sent, false, Now, Clear },
        { Rejected, Accepted, false, Keep, Now },
    };

    [Fact]
    public void Every_pair_is_listed() => Assert.Equal(20, Pairs.Select(row => (row[0], row[1])).Distinct().Count());

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_pair_is_as_the_table_has_it(HandoffStatus from, HandoffStatus to, bool allowed, StampAction sentAt, StampAction responseAt)
    {
        Assert.Equal(allowed, Table.Allows(from, to));
        Assert.Equal(allowed, Table.TargetsOf(from).Contains(to));
        Assert.Equal(allowed, Table.MovesTo(to, force: false).Any(move => move.From == from));

        Move<HandoffStatus> forced = Assert.Single(Table.MovesTo(to, force: true), move => move.From == from);
        Assert.Equal(to, forced.To);
        Assert.Equal([sentAt, responseAt], forced.Stamps);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Force_leaves_an_allowed_move_as_it_is(HandoffStatus from, HandoffStatus to, bool allowed, StampAction sentAt, StampAction responseAt)
    {
        Move<HandoffStatus>? move = Table.MovesTo(to, force: false).SingleOrDefault(candidate => candidate.From == from);

        Assert.Equal(allowed, move is not null);
        if (move is not null)
        {
            Assert.Equal([sentAt, responseAt], move.Stamps);
        }
    }

    [Theory]
    [InlineData(Preparing)]
    [InlineData(Ready)]
    [InlineData(Sent)]
    [InlineData(Accepted)]
    [InlineData(Rejected)]
    public void No_status_moves_to_itself(HandoffStatus status)
    {
        Assert.False(Table.Allows(status, status));
        Assert.DoesNotContain(Table.MovesTo(status, force: true), move => move.From == status);
        Assert.Equal(4, Table.MovesTo(status, force: true).Count);
    }

    [Theory]
    [InlineData(Preparing, false, false)]
    [InlineData(Ready, false, false)]
    [InlineData(Sent, false, false)]
    [InlineData(Accepted, true, false)]
    [InlineData(Rejected, false, true)]
    public void Accepted_is_terminal_and_rejected_needs_a_reason(HandoffStatus status, bool terminal, bool needsReason)
    {
        Assert.Equal(terminal, Table.IsTerminal(status));
        Assert.Equal(needsReason, Table.NeedsReason(status));
    }

    [Fact]
    public void It_speaks_of_handoffs_and_stamps_two_columns()
    {
        Assert.Equal("handoff", Table.Noun);
        Assert.Equal(["sent_at", "response_at"], Table.StampColumns);
    }

    [Fact]
    public void A_table_that_stamps_a_column_it_does_not_list_is_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new TransitionTable<HandoffStatus>(
            "handoff", ["sent_at"], [], new Dictionary<HandoffStatus, string> { [Accepted] = "response_at" }, new Dictionary<HandoffStatus, int>(), []));

        Assert.Contains("response_at", error.Message, StringComparison.Ordinal);
    }
}
