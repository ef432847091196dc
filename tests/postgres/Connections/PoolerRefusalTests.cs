using LeoPS.Postgres.Connections;

namespace LeoPS.PostgresTests.Connections;

public sealed class PoolerRefusalTests
{
    [Theory]
    [InlineData("query_wait_timeout", "no server connection free")]
    [InlineData("no more connections allowed (max_client_conn)", "no server connection free")]
    [InlineData("MaxClientsInSessionMode: max clients reached - in Session mode max clients are limited to pool_size", "6543")]
    [InlineData("Max client connections reached", "no server connection free")]
    [InlineData("sorry, too many clients already", "6543")]
    [InlineData("Tenant or user not found", "postgres.<project>")]
    [InlineData("unsupported startup parameter: options", "-PoolerMode Transaction")]
    [InlineData("relation \"x\" does not exist", null)]
    public void What_a_pooler_says_in_its_own_words_is_told_with_advice(string message, string? advice)
    {
        string? said = PoolerRefusal.Explain(message);
        Assert.Equal(advice is null, said is null);
        Assert.Contains(advice ?? "", said ?? "", StringComparison.Ordinal);
    }
}
