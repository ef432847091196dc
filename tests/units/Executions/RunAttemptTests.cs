using LeoPS.Executions;

namespace LeoPS.Units.Executions;

public sealed class RunAttemptTests
{
    private static readonly Guid Before = new("99999999-7425-40de-944b-e07fc1f90ae7");

    private static readonly RunAttempt Second = RunAttempt.First.Next(Before);

    [Fact]
    public void The_first_attempt_is_a_run_like_any_other()
    {
        Assert.Equal((1, null), (RunAttempt.First.Number, RunAttempt.First.RetryOf));
        Assert.Equal(("K", null), (RunAttempt.First.KeyOf("K"), RunAttempt.First.KeyOf(null)));
        Assert.Equal((null, """{"a": 1}"""), (RunAttempt.First.AddTo(null), RunAttempt.First.AddTo("""{"a": 1}""")));
    }

    [Fact]
    public void A_later_one_has_its_number_and_the_run_before_it()
    {
        Assert.Equal((2, Before), (Second.Number, Second.RetryOf));
        Assert.Equal(("K-2", null), (Second.KeyOf("K"), Second.KeyOf(null)));
        Assert.Equal(("K-3", 3), (Second.Next(Before).KeyOf("K"), Second.Next(Before).Number));
        const string Own = "\"attempt\": 2, \"retryOf\": \"99999999-7425-40de-944b-e07fc1f90ae7\"}";
        Assert.Equal("{" + Own, Second.AddTo(null));
        Assert.Equal("{" + Own, Second.AddTo(" { } "));
        Assert.Equal("{\"a\": {\"b\": 1.10}, " + Own, Second.AddTo("\n{\"a\": {\"b\": 1.10}}\n"));
    }

    [Fact]
    public void A_key_that_has_no_room_for_the_number_of_the_last_attempt_is_refused_at_once()
    {
        RunAttempt.CheckKeys(null, 1000);
        RunAttempt.CheckKeys(new string('k', 100), 0);
        RunAttempt.CheckKeys(new string('k', 98), 8);
        LeoException refusal = Assert.Throws<LeoException>(() => RunAttempt.CheckKeys(new string('k', 98), 9));
        Assert.Equal(LeoErrorId.ValueOutOfRange, refusal.ErrorId);
        Assert.Contains("needs 101", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    public void Metadata_that_are_no_object_are_refused(string metadata)
    {
        foreach (RunAttempt attempt in new[] { RunAttempt.First, Second })
        {
            Assert.Equal(LeoErrorId.InvalidJson, Assert.Throws<LeoException>(() => attempt.AddTo(metadata)).ErrorId);
        }
    }
}
