using LeoPS.Executions;
using LeoPS.Statuses;
using static LeoPS.ExecutionStatus;
using static LeoPS.Statuses.StampAction;

namespace LeoPS.Units.Executions;

/// <summary>The table of crewai_flow_executions, written out literally: every pair of statuses, allowed and forced.</summary>
public sealed class ExecutionTransitionsTests
{
    private const ExecutionStatus TimedOut = ExecutionStatus.Timeout;

    private static readonly TransitionTable<ExecutionStatus> Table = ExecutionTransitions.Table;

    /// <summary>From, to, allowed, started_at, completed_at: what an allowed move does, and what a forced one does where it is not.</summary>
    public static TheoryData<ExecutionStatus, ExecutionStatus, bool, StampAction, StampAction> Pairs => new()
    {
        { Pending, Running, true, Now, Keep },
        { Pending, Cancelled, true, Keep, Now },
        { Running, Completed, true, Keep, Now },
        { Running, Failed, true, Keep, Now },
        { Running, Cancelled, true, Keep, Now },
        { Running, TimedOut, true, Keep, Now },

        // Forced: the target's stamp is set, those of later states are cleared.
        { Pending, Completed, false, Keep, Now },
        { Pending, Failed, false, Keep, Now },
        { Pending, TimedOut, false, Keep, Now },
        { Running, Pending, false, Clear, Clear },
        { Completed, Pending, false, Clear, Clear },
        { Completed, Running, false, Now, Clear },
        { Completed, Failed, false, Keep, Now },
        { Completed, Cancelled, false, Keep, Now },
        { Completed, TimedOut, false, Keep, Now },
        { Failed, Pending, false, Clear, Clear },
        { Failed, Running, false, Now, Clear },
        { Failed, Completed, false, Keep, Now },
        { Failed, Cancelled, false, Keep, Now },
        { Failed, TimedOut, false, Keep, Now },
        { Cancelled, Pending, false, Clear, Clear },
        { Cancelled, Running, false, Now, Clear },
        { Cancelled, Completed, false, Keep, Now },
        { Cancelled, Failed, false, Keep, Now },
        { Cancelled, TimedOut, false, Keep, Now },
        { TimedOut, Pending, false, Clear, Clear },
        { TimedOut, Running, false, Now, Clear },
        { TimedOut, Completed, false, Keep, Now },
        { TimedOut, Failed, false, Keep, Now },
        { TimedOut, Cancelled, false, Keep, Now },
    };

    [Fact]
    public void Every_pair_is_listed_and_none_moves_to_itself()
    {
        Assert.Equal(30, Pairs.Select(row => (row[0], row[1])).Distinct().Count());
        foreach (ExecutionStatus status in Enum.GetValues<ExecutionStatus>())
        {
            Assert.False(Table.Allows(status, status));
            Assert.DoesNotContain(Table.MovesTo(status, force: true), move => move.From == status);
            Assert.Equal(5, Table.MovesTo(status, force: true).Count);
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_pair_is_as_the_table_has_it(ExecutionStatus from, ExecutionStatus to, bool allowed, StampAction startedAt, StampAction completedAt)
    {
        Assert.Equal(allowed, Table.Allows(from, to));
        Assert.Equal(allowed, Table.TargetsOf(from).Contains(to));
        Move<ExecutionStatus>? open = Table.MovesTo(to, force: false).SingleOrDefault(move => move.From == from);
        Assert.Equal(allowed, open is not null);

        Move<ExecutionStatus> forced = Assert.Single(Table.MovesTo(to, force: true), move => move.From == from);
        Assert.Equal([startedAt, completedAt], forced.Stamps);
        Assert.Equal(open?.Stamps ?? forced.Stamps, forced.Stamps);
    }

    [Theory]
    [InlineData(Pending, false)]
    [InlineData(Running, false)]
    [InlineData(Completed, true)]
    [InlineData(Failed, true)]
    [InlineData(Cancelled, true)]
    [InlineData(TimedOut, true)]
    public void The_last_four_are_terminal_and_none_needs_a_reason(ExecutionStatus status, bool terminal)
    {
        Assert.Equal(terminal, Table.IsTerminal(status));
        Assert.False(Table.NeedsReason(status));
    }

    [Fact]
    public void It_speaks_of_executions_and_stamps_two_columns()
    {
        Assert.Equal("execution", Table.Noun);
        Assert.Equal(["started_at", "completed_at"], Table.StampColumns);
    }
}
