using LeoPS.Executions;

namespace LeoPS.Units.Executions;

public sealed class RunOwnerTests
{
    [Fact]
    public void The_owner_is_read_out_of_the_metadata()
    {
        RunOwner? owner = Of("""{"a": 1, "owner": {"host": "build-7", "pid": 4711, "evidence": "Heartbeat", "startedAt": "x"}}""");
        Assert.Equal(new RunOwner("build-7", 4711, OwnershipEvidence.Heartbeat), owner);
        Assert.Equal("process 4711 on build-7", owner!.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{}")]
    [InlineData("""{"owner": "me"}""")]
    [InlineData("""{"owner": {"pid": 1, "evidence": "Lock"}}""")]
    [InlineData("""{"owner": {"host": 1, "pid": 1, "evidence": "Lock"}}""")]
    [InlineData("""{"owner": {"host": "h", "pid": "1", "evidence": "Lock"}}""")]
    [InlineData("""{"owner": {"host": "h", "pid": 1.5, "evidence": "Lock"}}""")]
    [InlineData("""{"owner": {"host": "h", "pid": 1, "evidence": "1"}}""")]
    [InlineData("""{"owner": {"host": "h", "pid": 1, "evidence": 0}}""")]
    [InlineData("""{"owner": {"host": "h", "pid": 1}}""")]
    public void What_is_no_owner_of_ours_is_none(string? metadata) => Assert.Null(Of(metadata));

    private static RunOwner? Of(string? metadata)
    {
        FlowExecution row = SampleExecution.Full();
        row.RawMetadata = metadata;
        return RunOwner.Of(row);
    }
}
